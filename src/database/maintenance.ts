import { type Query, query } from "./query.ts";

/**
 * What the crons send, over the core's schema `breakwater`. Each statement is sent and committed by itself, on the
 * primary. `nowMs` is the caller's clock: nothing is forgotten that is younger than 24 hours by it or by the server's.
 */

/** Partitions of marks from yesterday to so many days ahead; answers how many were missing. */
export function ensurePartitionsAhead(days: number): Query<{ made: number }> {
  return query("breakwater.ensure-partitions", "SELECT breakwater.ensure_partitions($1) AS made", [days]);
}

/** Days of marks that may go and are still attached, oldest first. */
export function attachedOldMarks(nowMs: number): Query<{ partition: string }> {
  return query("breakwater.old-marks", "SELECT partition FROM breakwater.old_marks($1) WHERE state = 'attached'", [
    iso(nowMs),
  ]);
}

/**
 * Takes one day out of marks. Waits for every transaction that used marks before it, and keeps nobody waiting itself.
 * Given up or refused at any point, it leaves what `dropOldMarks` finishes.
 */
export function detachMarks(partition: string): Query {
  // A utility statement takes no parameters: the name becomes part of the text.
  if (!/^marks_\d{8}$/.test(partition)) throw new Error(`no day of marks has the name "${partition}"`);
  return query(
    "breakwater.detach-marks",
    `ALTER TABLE breakwater.marks DETACH PARTITION breakwater.${partition} CONCURRENTLY`,
  );
}

/** Drops the days that are detached, also by an earlier run; `busy` could not be dropped now. */
export function dropOldMarks(nowMs: number): Query<{ dropped: number; busy: number }> {
  return query("breakwater.drop-old-marks", "SELECT dropped, busy FROM breakwater.drop_old_marks($1)", [iso(nowMs)]);
}

/** Forgets at most `limit` idempotency keys that are too old; changes nothing when there are none. */
export function forgetRequests(nowMs: number, limit: number): Query {
  return query(
    "breakwater.forget-requests",
    `DELETE FROM breakwater.requests WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM breakwater.requests WHERE at < breakwater.forget_before($1) LIMIT $2 FOR UPDATE SKIP LOCKED
))`,
    [iso(nowMs), limit],
  );
}

/**
 * The greatest mark: another one than before means that something was written. Ids follow their writers' clocks, so a
 * write may hide behind one whose clock runs ahead, by ten minutes at most.
 */
export const newestMark: Query<{ id: string }> = query(
  "breakwater.newest-mark",
  "SELECT id FROM breakwater.marks ORDER BY id DESC LIMIT 1",
);

/**
 * Takes the statistics of the application's table that needs it most and is not among `tried`; `relation` is null when
 * there is none. `remaining` need it still, `refused` belong to somebody else.
 */
export function refreshStatistics(tried: readonly string[]): Query<{
  relation: string | null;
  outcome: "analysed" | "locked" | "failed" | null;
  remaining: number;
  refused: number;
}> {
  return query(
    "breakwater.refresh-statistics",
    "SELECT relation, outcome, remaining, refused FROM breakwater.refresh_statistics($1)",
    [tried],
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
