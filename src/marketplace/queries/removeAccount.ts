import { type Query, query } from "../../breakwater.ts";
import { iso } from "./parameters.ts";

/**
 * Removes an account for good, as the statements of one transaction; doing it again changes nothing. Nothing of the
 * person is left, and what others share with them stays, without a name:
 *
 * - the row itself, as "Removed account" at an address that can receive nothing; the old address is free again;
 * - pitches, archived; their documents go, since nobody could show or withdraw them any longer;
 * - NDAs that were signed and investments that were committed: agreements bind two. What was only asked for is closed;
 * - threads, in which the messages of the person are empty.
 *
 * What requests with an idempotency key were answered is the core's to forget, within a day.
 *
 * The first statement waits for writes under way that refer to the account, so that those after it see what they
 * wrote. Each touches what the account has, however much: an account with very many rows takes longer than a request
 * may, and is then refused as a whole.
 */
export function removeAccount({ id, auditId, nowMs }: { id: string; auditId: string; nowMs: number }): Query[] {
  const now = iso(nowMs);
  return [
    query("accounts.lock", "SELECT id FROM users WHERE id = $1 FOR UPDATE", [id]),
    query(
      "accounts.remove",
      `WITH removed AS (
  UPDATE users SET email = 'removed-' || id || '@account.invalid', name = 'Removed account', password_hash = '!',
    bio = '', company_id = NULL, removed_at = $2::timestamptz
  WHERE id = $1 AND removed_at IS NULL
  RETURNING id
)
INSERT INTO audit_log (id, at, actor_id, action, subject_kind, subject_id)
SELECT $3::uuid, $2::timestamptz, id, 'account.remove', 'account', id FROM removed`,
      [id, now, auditId],
    ),
    query("accounts.remove-sessions", "DELETE FROM sessions WHERE user_id = $1", [id]),
    query("accounts.remove-resets", "DELETE FROM password_resets WHERE user_id = $1", [id]),
    query("accounts.remove-follows", "DELETE FROM follows WHERE follower_id = $1 OR creator_id = $1", [id]),
    query("accounts.remove-saved", "DELETE FROM saved_pitches WHERE user_id = $1", [id]),
    query("accounts.remove-likes", "DELETE FROM likes WHERE user_id = $1", [id]),
    // Also what others were told of this account: it would lead them to nobody.
    query("accounts.remove-notifications", "DELETE FROM notifications WHERE user_id = $1 OR actor_id = $1", [id]),
    query("accounts.remove-messages", "UPDATE messages SET body = '' WHERE sender_id = $1 AND body <> ''", [id]),
    query(
      "accounts.remove-nda-requests",
      `UPDATE nda_requests SET
  message = CASE WHEN requester_id = $1 THEN '' ELSE message END,
  status = CASE WHEN status <> 'pending' THEN status WHEN requester_id = $1 THEN 'withdrawn' ELSE 'declined' END,
  decided_at = coalesce(decided_at, $2::timestamptz)
WHERE requester_id = $1 OR (creator_id = $1 AND status = 'pending')`,
      [id, now],
    ),
    query(
      "accounts.remove-investments",
      `UPDATE investments SET state = 'withdrawn', updated_at = $2
WHERE (investor_id = $1 OR creator_id = $1) AND state IN ('interested', 'negotiating')`,
      [id, now],
    ),
    query(
      "accounts.remove-documents",
      "DELETE FROM pitch_documents WHERE pitch_id IN (SELECT p.id FROM pitches p WHERE p.user_id = $1)",
      [id],
    ),
    query(
      "accounts.remove-pitches",
      "UPDATE pitches SET status = 'archived', updated_at = $2 WHERE user_id = $1 AND status <> 'archived'",
      [id, now],
    ),
  ];
}
