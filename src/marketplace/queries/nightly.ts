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

/**
 * Deletes at most `limit` rows of who saw a pitch, of days that ended more than three days ago: enough for a count to
 * be mended from them. The views stay counted. Sent again until it deletes none.
 */
export function forgetViews(limit: number): Query {
  return query(
    "views.forget",
    `DELETE FROM pitch_views WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM pitch_views WHERE day < (now() AT TIME ZONE 'UTC')::date - 3 LIMIT $1 FOR UPDATE SKIP LOCKED
))`,
    [limit],
  );
}
