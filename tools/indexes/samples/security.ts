import { type Asker, firstRow, heavyAndLight, type Spread } from "./ask.ts";

interface SessionSample {
  readonly id: string;
  readonly userId: string;
  /** In hexadecimal. */
  readonly tokenHash: string;
}

/** Accounts as they sign in. */
export interface SecuritySamples {
  /** The moment that the data is of: a session is live then, whatever the clock says today. */
  readonly nowMs: number;
  readonly email: { readonly known: string; readonly unknown: string };
  /** Of the accounts with most and fewest of them. */
  readonly sessions: Spread<SessionSample>;
  readonly resets: Spread<{ readonly userId: string; readonly tokenHash: string }>;
  /** Of no session and no reset. */
  readonly unknownTokenHash: string;
  /** What was written down last. */
  readonly auditId: string;
}

/** Takes them. */
export async function takeSecurity(client: Asker): Promise<SecuritySamples> {
  const sessionUsers = await heavyAndLight(client, "user_id", "sessions");
  const resetUsers = await heavyAndLight(client, "user_id", "password_resets");
  const { at } = await firstRow<{ at: Date }>(
    client,
    "session",
    "SELECT created_at AS at FROM sessions ORDER BY created_at DESC LIMIT 1",
  );
  const { email } = await firstRow<{ email: string }>(
    client,
    "account",
    "SELECT email FROM users WHERE removed_at IS NULL ORDER BY id LIMIT 1",
  );
  const { id: auditId } = await firstRow<{ id: string }>(
    client,
    "trace in audit_log",
    "SELECT id FROM audit_log ORDER BY at DESC, id LIMIT 1",
  );
  return {
    nowMs: at.getTime(),
    email: { known: email.toUpperCase(), unknown: `nobody-${email}` },
    sessions: {
      common: await sessionOf(client, sessionUsers.common),
      rare: await sessionOf(client, sessionUsers.rare),
    },
    resets: { common: await resetOf(client, resetUsers.common), rare: await resetOf(client, resetUsers.rare) },
    unknownTokenHash: "0".repeat(64),
    auditId,
  };
}

function sessionOf(client: Asker, userId: string): Promise<SessionSample> {
  return firstRow(
    client,
    "session",
    `SELECT id, user_id AS "userId", encode(token_hash, 'hex') AS "tokenHash"
FROM sessions WHERE user_id = $1 ORDER BY expires_at DESC LIMIT 1`,
    [userId],
  );
}

function resetOf(client: Asker, userId: string): Promise<{ userId: string; tokenHash: string }> {
  return firstRow(
    client,
    "password reset",
    `SELECT user_id AS "userId", encode(token_hash, 'hex') AS "tokenHash"
FROM password_resets WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1`,
    [userId],
  );
}
