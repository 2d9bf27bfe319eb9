import { type Query, query } from "../../breakwater.ts";

/**
 * Deletes at most `limit` sessions that ended more than an hour ago, on the database's clock: the Worker's may be behind
 * it, and by that clock every session lives to its end. Sent again until it deletes none.
 */
export function deleteExpiredSessions(limit: number): Query {
  return query(
    "accounts.delete-expired-sessions",
    `DELETE FROM sessions WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM sessions WHERE expires_at < now() - interval '1 hour' LIMIT $1 FOR UPDATE SKIP LOCKED
))`,
    [limit],
  );
}
