import { createHash, randomBytes } from "node:crypto";
import type { Client } from "pg";
import { uuidv7 } from "../../src/database/uuid.ts";

/** An account whose session is known. */
export interface KnownAccount {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly token: string;
  readonly tokenHash: string;
}

export type Role = "creator" | "investor" | "production";

const SESSION_MS = 24 * 60 * 60 * 1_000;
const RESET_MS = 60 * 60 * 1_000;

/**
 * A new account with a session, straight into the database: over HTTP each would cost an Argon2 hash. `passwordHash` is
 * that of an account whose password is known.
 */
export async function insertAccount(
  client: Client,
  { role, email, passwordHash }: { role: Role; email: string; passwordHash: string },
): Promise<KnownAccount> {
  const id = uuidv7(Date.now());
  await client.query("INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5)", [
    id,
    email,
    `Fuzz ${role}`,
    role,
    passwordHash,
  ]);
  return { id, email, role, ...(await insertSession(client, id)) };
}

/** A session for the account, or undefined when it is not there any more. */
export async function renewSession(client: Client, account: KnownAccount): Promise<KnownAccount | undefined> {
  const { rowCount } = await client.query("SELECT FROM users WHERE id = $1 AND removed_at IS NULL", [account.id]);
  return rowCount ? { ...account, ...(await insertSession(client, account.id)) } : undefined;
}

/** A token that sets a new password of the account, as a letter would bring it. */
export async function insertReset(client: Client, account: KnownAccount): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  const tokenHash = createHash("sha256").update(token).digest();
  const expiresAt = new Date(Date.now() + RESET_MS);
  await client.query("INSERT INTO password_resets (id, token_hash, user_id, expires_at) VALUES ($1, $2, $3, $4)", [
    uuidv7(Date.now()),
    tokenHash,
    account.id,
    expiresAt,
  ]);
  return token;
}

async function insertSession(client: Client, userId: string): Promise<{ token: string; tokenHash: string }> {
  const token = randomBytes(32).toString("base64url");
  const tokenHash = createHash("sha256").update(token).digest("hex");
  const expiresAt = new Date(Date.now() + SESSION_MS);
  await client.query("INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES ($1, $2, $3, $4)", [
    uuidv7(Date.now()),
    Buffer.from(tokenHash, "hex"),
    userId,
    expiresAt,
  ]);
  return { token, tokenHash };
}
