import type { Blocker } from "./blocker.ts";
import { blockersByPid } from "./blockers.ts";
import type { ProgressRow } from "./progressShare.ts";
import type { Session } from "./session.ts";

/** What the watchdog sees of the builder at one moment. */
export interface Sight {
  /** Whether the server knows the builder's backend. */
  readonly isThere: boolean;
  readonly progress: ProgressRow | undefined;
  /** Who the builder waits for; empty while it works. */
  readonly blockers: readonly Blocker[];
  /** Who waits for the builder with a lock that writers then wait for as well. */
  readonly heldUp: readonly Blocker[];
}

interface Row {
  readonly is_there: boolean;
  readonly phase: string | null;
  readonly blocks_total: string;
  readonly blocks_done: string;
  readonly tuples_total: string;
  readonly tuples_done: string;
  readonly blocking: number[];
  readonly held_up: number[];
}

/**
 * pg_blocking_pids() locks the lock table: it is asked only while somebody waits. Whoever is held up is not left waiting
 * for our answer to come and go: the query that sees it cancels the builder.
 */
const SIGHT = `
  WITH held AS MATERIALIZED (
    SELECT l.pid FROM pg_locks l WHERE l.relation = $2 AND NOT l.granted
      AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND $1 = ANY (pg_blocking_pids(l.pid)))
  SELECT a.pid IS NOT NULL AS is_there, p.phase, p.blocks_total, p.blocks_done, p.tuples_total, p.tuples_done,
    CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS blocking,
    ARRAY(SELECT pid FROM held) AS held_up,
    CASE WHEN EXISTS (SELECT FROM held) THEN pg_cancel_backend($1) END AS is_cancelled
  FROM (SELECT $1::int AS pid) me
  LEFT JOIN pg_stat_activity a USING (pid)
  LEFT JOIN pg_stat_progress_create_index p USING (pid)`;

/** Looks at the builder; cancels what it does where a statement waits for it that writers would queue behind. */
export async function look(observer: Session, builderPid: number, table: number | undefined): Promise<Sight> {
  const [row] = await observer.ask<Row>(SIGHT, [builderPid, table ?? 0], "sight");
  if (!row) throw new Error("the watchdog's query answered nothing");
  const [blockers, heldUp] = [row.blocking, row.held_up].map((pids) => [...new Set(pids)]);
  return {
    isThere: row.is_there,
    progress:
      row.phase === null
        ? undefined
        : {
            phase: row.phase,
            blocksTotal: Number(row.blocks_total),
            blocksDone: Number(row.blocks_done),
            tuplesTotal: Number(row.tuples_total),
            tuplesDone: Number(row.tuples_done),
          },
    blockers: blockers?.length ? await blockersByPid(observer, blockers) : [],
    heldUp: heldUp?.length ? await blockersByPid(observer, heldUp) : [],
  };
}
