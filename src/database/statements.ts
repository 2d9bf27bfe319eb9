import { MAX_OUTBOX_MARKS } from "../rpc/constants.ts";
import type { EpochBeginning } from "../rpc/probing.ts";
import { PROMOTION_STEP_MS } from "./constants.ts";
import { type Query, query } from "./query.ts";

/** The core's own statements over its schema `breakwater`, and nothing else. */

/**
 * Position in the log in bytes, what is surely on the disk; text, being larger than a safe integer may be. Standbys are
 * sent nothing else, and by default no commit is answered before.
 */
const POSITION =
  "(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END - '0/0')::text";

/**
 * The server process: when it started, and when its statistics were begun anew. After a crash of one backend the
 * server restarts within, under the same start time, and a standby then stands up earlier than it was; its statistics
 * are discarded with it. Numbers, since timestamps as text follow settings.
 */
const GENERATION = [
  "(extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint",
  "'.'",
  "(coalesce(extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()), 0) * 1000)::bigint",
].join(" || ");

/**
 * Below it every transaction is over; the timeline that a primary writes, which a promotion makes another; and whether a
 * crash may lose commits that were answered.
 */
const LINE = [
  "(SELECT pg_snapshot_xmin(s) FROM pg_current_snapshot() s)::text",
  "CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END",
  "current_setting('synchronous_commit') = 'off'",
].join(", ");

const SAMPLE = `pg_is_in_recovery(), (SELECT max(epoch) FROM breakwater.epochs)::text, ${POSITION}, ${GENERATION}, ${LINE}`;

/** What a node says of itself: health check, probe and the question who is primary, in one. */
export const sampleQuestion: Query = query("breakwater.sample", `SELECT ${SAMPLE}`);

const HELD = "coalesce((SELECT string_agg(id::text, ',') FROM breakwater.marks WHERE id = ANY($1::uuid[])), '')";

/**
 * Writes whose transaction was not over in an earlier snapshot, with the present one, on a primary alone: a standby's
 * snapshot does not say what is under way. Two index scans: as one condition, it would be read in order from the first
 * mark of the day. By transaction, so that a page can end between two.
 */
const OUTBOX = `CASE WHEN NOT pg_is_in_recovery() THEN json_build_array(
  pg_current_snapshot(),
  (SELECT json_agg(json_build_array(m.id, m.xid, m.tags)) FROM (
    SELECT * FROM (
      SELECT id, xid, tags FROM breakwater.marks
      WHERE xid = ANY(ARRAY(SELECT pg_snapshot_xip($2::text::pg_snapshot))) AND kind = 'w' AND tags <> '{}'
      UNION ALL (
        SELECT id, xid, tags FROM breakwater.marks
        WHERE xid >= pg_snapshot_xmax($2::text::pg_snapshot) AND kind = 'w' AND tags <> '{}'
        ORDER BY xid LIMIT ${MAX_OUTBOX_MARKS}
      )
    ) of_both ORDER BY xid LIMIT ${MAX_OUTBOX_MARKS}
  ) m)
)::text END`;

/**
 * The same, and which of these marks it holds, of any kind: in one statement, since it is true of one process. `outbox`:
 * and what was written since this snapshot; null: only the present one.
 */
export function sampleWithMarks(marks: readonly string[], outbox?: string | null): Query {
  if (outbox === undefined) return query(sampleQuestion.name, `SELECT ${SAMPLE}, ${HELD}`, [marks]);
  return query(sampleQuestion.name, `SELECT ${SAMPLE}, ${HELD}, ${OUTBOX}`, [marks, outbox]);
}

/** The same where the schema is missing. */
export const bareSampleQuestion: Query = query(
  "breakwater.bare-sample",
  `SELECT pg_is_in_recovery(), NULL::text, ${POSITION}, ${GENERATION}, ${LINE}`,
);

/**
 * Answered as soon as the node is no standby any more (true), at the latest after so many steps (false): whoever waits
 * for a promotion hears of it within a step, and asks once. Each step is a row of the recursion, for the target list is
 * evaluated for each of them.
 */
export function awaitPromotion(steps: number): Query {
  return query(
    "breakwater.await-promotion",
    `WITH RECURSIVE waited (steps) AS (
      SELECT 0
      UNION ALL
      SELECT steps + 1 + length(pg_sleep($1::int / 1000.0)::text) FROM waited WHERE steps < $2::int AND pg_is_in_recovery()
    )
    SELECT max(steps) < $2::int FROM waited`,
    [PROMOTION_STEP_MS, steps],
  );
}

/**
 * Begins an epoch on a node that takes writes and is still in the epoch before; 1 row: it has begun, now or by an
 * earlier try. Sent on the ReplicaCoordinator's word alone.
 */
export function beginEpoch({ epoch, parent, switchXmin, timeline }: EpochBeginning): Query {
  return query(
    "breakwater.begin-epoch",
    `WITH begun AS (
      INSERT INTO breakwater.epochs (epoch, parent, switch_xmin, timeline)
      SELECT $1::bigint, $2::bigint, $3::text::xid8, $4 WHERE (SELECT max(epoch) FROM breakwater.epochs) = $2::bigint
      ON CONFLICT DO NOTHING RETURNING epoch
    )
    SELECT epoch FROM begun UNION SELECT epoch FROM breakwater.epochs WHERE epoch = $1::bigint AND parent = $2::bigint`,
    [epoch, parent, switchXmin, timeline],
  );
}

/** Opens a write batch: timeouts, the idempotency key, the mark. */
export function beginWrite(opening: {
  mark: string;
  tags: readonly string[];
  epoch: string;
  timeoutMs: number;
  keyHex: string | undefined;
  fingerprintHex: string | undefined;
}): Query {
  return query("breakwater.begin-write", "SELECT breakwater.begin_write($1, $2, $3, $4, $5, $6)", [
    opening.mark,
    opening.tags,
    opening.epoch,
    opening.timeoutMs,
    bytea(opening.keyHex),
    bytea(opening.fingerprintHex),
  ]);
}

/** Runs the application's result query at the end of a batch, as JSON, and records it under the key if there is one. */
export function resultStatement(result: Query, keyHex: string | undefined): Query {
  const asJson = `SELECT to_jsonb(q) AS result FROM (\n${result.text}\n) q LIMIT 1`;
  if (keyHex === undefined) return query(result.name, asJson, result.values);
  return query(
    result.name,
    `UPDATE breakwater.requests SET result = (${asJson}) WHERE key = $${result.values.length + 1} RETURNING result`,
    [...result.values, bytea(keyHex)],
  );
}

/** What an earlier attempt with this key did. */
export function recordedRequest(keyHex: string): Query<{ mark: string; fingerprint: string; result: unknown }> {
  return query(
    "breakwater.recorded-request",
    "SELECT mark, encode(fingerprint, 'hex') AS fingerprint, result FROM breakwater.requests WHERE key = $1",
    [bytea(keyHex)],
  );
}

/** Settles a mark; answers `committed`, `void` or `expired`. */
export function claimMark(mark: string, tags: readonly string[], epoch: string): Query<{ outcome: string }> {
  return query("breakwater.claim", "SELECT breakwater.claim($1, $2, $3) AS outcome", [mark, tags, epoch]);
}

/** A mark as this node has it. */
export function markById(id: string): Query<{ tags: string[]; kind: string }> {
  return query("breakwater.mark", "SELECT tags, kind::text AS kind FROM breakwater.marks WHERE id = $1", [id]);
}

function bytea(hex: string | undefined): string | null {
  return hex === undefined ? null : `\\x${hex}`;
}
