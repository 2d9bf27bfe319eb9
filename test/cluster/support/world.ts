import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { uuidv7 } from "../../../src/breakwater.ts";
import { argon2Hasher } from "../../../src/marketplace/auth/argon2.ts";
import type { Role, Status } from "../../../src/marketplace/lists.ts";
import { digestOf } from "./people.ts";

/** Who asks, in the order of the table's columns. */
export const ASKERS = [
  "a visitor",
  "its creator",
  "another creator",
  "an investor with an NDA",
  "an investor without",
  "a production company",
  "a removed account",
  "a revoked session",
] as const;

export type Asker = (typeof ASKERS)[number];

/** What a case may ask for to be otherwise. */
export interface WorldOptions {
  /** The pitch's. Default: published. */
  readonly status?: Status;
  /** The investor's. Default: in force. */
  readonly nda?: "in force" | "expired" | "revoked";
}

/** The ids of everything there is: the pitch of its creator, and what hangs on it. */
export type World = Readonly<Record<(typeof IDS)[number], string>> & {
  /** By asker; a visitor has none. */
  readonly tokens: Readonly<Partial<Record<Asker, string>>>;
  readonly email: string;
  /** Sets the creator's password. */
  readonly resetToken: string;
};

const IDS = [
  "creator",
  "otherCreator",
  "signer",
  "investor",
  "production",
  "removed",
  "pitch",
  "document",
  "otherPitch",
  "otherDocument",
  "ndaRequest",
  "nda",
  "investment",
  "conversation",
  "message",
  "notification",
  "session",
  "mark",
] as const;

export const PASSWORD = "correct horse";
const PASSWORD_HASH = argon2Hasher.hash(PASSWORD);

/** Empties the marketplace's tables, but for the one row that says until when was counted. */
const CLEAR = `
DO $$
DECLARE
  name text;
BEGIN
  PERFORM set_config('session_replication_role', 'replica', true); -- no cascades, and nothing counted
  FOR name IN
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'statistics_state'
  LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  PERFORM set_config('session_replication_role', 'origin', true);
END
$$;`;

/**
 * A world for one case, in place of all that was there, in one round trip. The removed account and the revoked session are the hardest ones:
 * the row of the removed account's session is still there, and the revoked session was one of the pitch's creator.
 */
export async function makeWorld(client: Client, options: WorldOptions = {}): Promise<World> {
  const { status = "published", nda = "in force" } = options;
  const ids = Object.fromEntries(IDS.map((name) => [name, uuidv7(Date.now())])) as Record<(typeof IDS)[number], string>;
  const newToken = () => randomBytes(32).toString("base64url");
  const tokens: Record<Exclude<Asker, "a visitor">, string> = {
    "its creator": newToken(),
    "another creator": newToken(),
    "an investor with an NDA": newToken(),
    "an investor without": newToken(),
    "a production company": newToken(),
    "a removed account": newToken(),
    "a revoked session": newToken(),
  };
  const resetToken = newToken();
  const email = `${ids.creator}@case.example`;
  const person = (id: string, role: Role, hash = "!") =>
    `('${id}', '${id}@case.example', 'Somebody', '${role}', '${hash}', NULL)`;
  const session = (id: string, userId: string, token: string) =>
    `('${id}', '${hexOf(token)}', '${userId}', now() + interval '1 day')`;
  const pitch = (id: string, userId: string, of: Status) =>
    `('${id}', '${userId}', 'A title', 'A log line.', 'drama', 'feature', 'script', '${of}')`;
  const signed = nda === "expired" ? "now() - interval '2 days'" : "now() - interval '1 hour'";
  const expires = nda === "expired" ? "now() - interval '1 day'" : "now() + interval '1 day'";
  // Only ids and words of this file stand in the text: several statements in one take no parameters.
  await client.query(`${CLEAR}
INSERT INTO users (id, email, name, role, password_hash, removed_at) VALUES
  ${person(ids.creator, "creator", PASSWORD_HASH)}, ${person(ids.otherCreator, "creator")},
  ${person(ids.signer, "investor")}, ${person(ids.investor, "investor")}, ${person(ids.production, "production")},
  ('${ids.removed}', 'removed-${ids.removed}@account.invalid', 'Removed account', 'creator', '!', now());
INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES
  ${session(uuidv7(Date.now()), ids.creator, tokens["its creator"])},
  ${session(ids.session, ids.creator, newToken())},
  ${session(uuidv7(Date.now()), ids.otherCreator, tokens["another creator"])},
  ${session(uuidv7(Date.now()), ids.signer, tokens["an investor with an NDA"])},
  ${session(uuidv7(Date.now()), ids.investor, tokens["an investor without"])},
  ${session(uuidv7(Date.now()), ids.production, tokens["a production company"])},
  ${session(uuidv7(Date.now()), ids.removed, tokens["a removed account"])};
INSERT INTO password_resets (id, token_hash, user_id, created_at, expires_at) VALUES
  ('${uuidv7(Date.now())}', '${hexOf(resetToken)}', '${ids.creator}', now() - interval '5 minutes', now() + interval '1 hour');
INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage, status) VALUES
  ${pitch(ids.pitch, ids.creator, status)}, ${pitch(ids.otherPitch, ids.otherCreator, "published")};
INSERT INTO pitch_documents (id, pitch_id, kind, title, storage_key, bytes) VALUES
  ('${ids.document}', '${ids.pitch}', 'script', 'A script', '${ids.document}', 1),
  ('${ids.otherDocument}', '${ids.otherPitch}', 'script', 'A script', '${ids.otherDocument}', 1);
INSERT INTO nda_requests (id, pitch_id, creator_id, requester_id, message) VALUES
  ('${ids.ndaRequest}', '${ids.pitch}', '${ids.creator}', '${ids.production}', 'Please.');
INSERT INTO ndas (id, pitch_id, user_id, signed_at, expires_at, revoked_at) VALUES
  ('${ids.nda}', '${ids.pitch}', '${ids.signer}', ${signed}, ${expires}, ${nda === "revoked" ? "now()" : "NULL"});
INSERT INTO investments (id, pitch_id, creator_id, investor_id, amount) VALUES
  ('${ids.investment}', '${ids.pitch}', '${ids.creator}', '${ids.signer}', 1000);
INSERT INTO conversations (id, topic) VALUES
  ('${ids.conversation}', '${[ids.creator, ids.signer].sort().join(":")}');
INSERT INTO conversation_participants (conversation_id, user_id, unread) VALUES
  ('${ids.conversation}', '${ids.creator}', 1), ('${ids.conversation}', '${ids.signer}', 1);
INSERT INTO messages (id, conversation_id, sender_id, body) VALUES
  ('${ids.message}', '${ids.conversation}', '${ids.signer}', 'Hello.');
INSERT INTO notifications (id, user_id, kind, actor_id, pitch_id) VALUES
  ('${ids.notification}', '${ids.creator}', 'nda-requested', '${ids.production}', '${ids.pitch}');
INSERT INTO breakwater.marks (id, tags) VALUES ('${ids.mark}', ARRAY['account:${ids.creator}']);
`);
  return { ...ids, tokens, email, resetToken };
}

function hexOf(token: string): string {
  return `\\x${digestOf(token).toString("hex")}`;
}
