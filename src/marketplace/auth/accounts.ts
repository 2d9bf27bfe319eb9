import type { Credential, Database } from "../../breakwater.ts";
import { sessionByToken } from "../queries/accounts.ts";
import { credentialOf } from "./credential.ts";
import type { Member } from "./member.ts";
import { tokenHashOf } from "./sessionToken.ts";

/** How the marketplace knows its members: by a session's token, as cookie or bearer. */
export const accounts = { credentialOf, accountOf };

/**
 * The member, or null. One query, on the primary: a session that ended elsewhere a moment ago has ended here. While there is
 * no primary to ask, nobody can end one, and a replica knows of all but the last moments before.
 */
async function accountOf({ value }: Credential, database: Database): Promise<Member | null> {
  const tokenHash = await tokenHashOf(value);
  const { rows } = await database.read(sessionByToken(tokenHash, Date.now()), { freshness: "newest", unseen: true });
  const [session] = rows;
  if (!session) return null;
  const { id, email, name, role, expires_at: expiresAt } = session;
  return { id, email, name, role, tokenHash, expiresAt };
}
