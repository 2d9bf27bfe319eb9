import { type Query, query } from "../../breakwater.ts";
import { bytea, iso } from "./parameters.ts";

export interface ResetReaderRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** Who is to be sent a letter: the account of an address, if somebody can sign in to it and it was sent none of late. */
export function resetReader(email: string, sinceMs: number): Query<ResetReaderRow> {
  return query(
    "password-resets.reader",
    `SELECT u.id, u.email, u.name FROM users u
WHERE lower(u.email) = lower($1) AND u.removed_at IS NULL AND u.password_hash <> '!'
  AND NOT EXISTS (SELECT 1 FROM password_resets r WHERE r.user_id = u.id AND r.created_at > $2)`,
    [email, iso(sinceMs)],
  );
}

/**
 * A new token, as two statements: the first makes others of the same account wait, so that the second sees theirs and
 * changes nothing where one is younger than `sinceMs`.
 */
export function insertReset(reset: {
  id: string;
  tokenHash: string;
  userId: string;
  createdMs: number;
  expiresMs: number;
  sinceMs: number;
}): readonly [Query, Query] {
  const { id, tokenHash, userId, createdMs, expiresMs, sinceMs } = reset;
  return [
    query("password-resets.lock", "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", [userId]),
    query(
      "password-resets.insert",
      `INSERT INTO password_resets (id, token_hash, user_id, created_at, expires_at)
SELECT $1::uuid, $2::bytea, u.id, $4::timestamptz, $5::timestamptz FROM users u
WHERE u.id = $3 AND u.removed_at IS NULL AND u.password_hash <> '!'
  AND NOT EXISTS (SELECT 1 FROM password_resets r WHERE r.user_id = u.id AND r.created_at > $6)`,
      [id, bytea(tokenHash), userId, iso(createdMs), iso(expiresMs), iso(sinceMs)],
    ),
  ];
}

/** Whose password a token sets, while it does. */
export function usableReset(tokenHash: string, nowMs: number): Query<{ readonly user_id: string }> {
  return query(
    "password-resets.usable",
    `SELECT r.user_id FROM password_resets r JOIN users u ON u.id = r.user_id
WHERE r.token_hash = $1 AND r.used_at IS NULL AND r.expires_at > $2 AND u.removed_at IS NULL`,
    [bytea(tokenHash), iso(nowMs)],
  );
}

/**
 * Uses a token up, and with it the account's others; sets the password; writes it down under `auditId`. Changes one
 * row, or none where the token is of no use: of two at once the second waits, and finds it used.
 */
export function resetPassword(reset: {
  tokenHash: string;
  passwordHash: string;
  auditId: string;
  nowMs: number;
}): Query {
  const { tokenHash, passwordHash, auditId, nowMs } = reset;
  return query(
    "password-resets.use",
    `WITH used AS (
  UPDATE password_resets SET used_at = $2::timestamptz
  WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2::timestamptz
  RETURNING user_id
), account AS (
  UPDATE users u SET password_hash = $3 FROM used
  WHERE u.id = used.user_id AND u.removed_at IS NULL
  RETURNING u.id
), others AS (
  UPDATE password_resets r SET used_at = $2::timestamptz FROM account
  WHERE r.user_id = account.id AND r.used_at IS NULL AND r.token_hash <> $1
)
INSERT INTO audit_log (id, at, actor_id, action, subject_kind, subject_id)
SELECT $4::uuid, $2::timestamptz, id, 'account.password-reset', 'account', id FROM account`,
    [bytea(tokenHash), iso(nowMs), passwordHash, auditId],
  );
}

/**
 * Ends all sessions of the account whose new password was written down under `auditId`. A statement after it, so that
 * it also sees a session opened with the old password while the new one waited for its lock.
 */
export function endSessionsAfterReset(auditId: string): Query {
  return query(
    "password-resets.end-sessions",
    "DELETE FROM sessions WHERE user_id = (SELECT subject_id FROM audit_log WHERE id = $1)",
    [auditId],
  );
}

/** Deletes at most `limit` tokens that ended more than a day ago. Sent again until it deletes none. */
export function deleteOldResets(limit: number): Query {
  return query(
    "password-resets.delete-old",
    `DELETE FROM password_resets WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM password_resets WHERE expires_at < now() - interval '1 day' LIMIT $1 FOR UPDATE SKIP LOCKED
))`,
    [limit],
  );
}
