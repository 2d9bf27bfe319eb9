import type { Blocker } from "./blocker.ts";
import { QUERY_HEAD_CHARACTERS } from "./constants.ts";
import type { Session } from "./session.ts";

const COLUMNS = `a.pid, (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS "ageMs", a.state,
  left(NULLIF(a.query, '<insufficient privilege>'), ${QUERY_HEAD_CHARACTERS}) AS query, a.application_name AS application`;

/** Those backends, as far as this role may see them. A pid of 0 is a prepared transaction. */
export async function blockersByPid(session: Session, pids: readonly number[]): Promise<readonly Blocker[]> {
  const rows = await session.ask<Blocker>(`SELECT ${COLUMNS} FROM pg_stat_activity a WHERE a.pid = ANY ($1)`, [pids]);
  const prepared = pids.includes(0)
    ? [{ pid: null, ageMs: null, state: "prepared", query: null, application: null }]
    : [];
  return [...rows, ...prepared];
}

/**
 * Open transactions of that age that a build on these tables would wait for: those that hold a snapshot, whatever
 * table they read, and those that wrote one of these. An idle READ COMMITTED one that did neither is not among them.
 */
export async function oldTransactions(
  session: Session,
  tables: readonly number[],
  olderThanMs: number,
): Promise<readonly Blocker[]> {
  return session.ask<Blocker>(
    `SELECT ${COLUMNS} FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
        AND a.xact_start < clock_timestamp() - $2::float8 * interval '1 ms'
        AND (a.backend_xmin IS NOT NULL OR EXISTS (
          SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.relation = ANY ($1::oid[]) AND l.granted
            AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')))
      UNION ALL
      SELECT NULL, (extract(epoch FROM clock_timestamp() - p.prepared) * 1000)::float8, 'prepared as ' || p.gid, NULL, NULL
      FROM pg_prepared_xacts p
      WHERE p.database = current_database() AND p.prepared < clock_timestamp() - $2::float8 * interval '1 ms'
        AND EXISTS (SELECT FROM pg_locks l WHERE l.virtualtransaction = '-1/' || p.transaction AND l.relation = ANY ($1::oid[]))
      ORDER BY 2 DESC LIMIT 10`,
    [tables, olderThanMs],
  );
}

/** Whether this role sees what others do; without it ages and statements are missing from what we tell. */
export async function seesOthers(session: Session): Promise<boolean> {
  const [row] = await session.ask<{ sees: boolean }>(
    "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees",
  );
  return row?.sees === true;
}
