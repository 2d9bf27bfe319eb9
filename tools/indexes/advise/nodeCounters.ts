import type { ClientBase } from "pg";

/** How often each index was read on one node, and since when that node counts. */
export interface NodeCounters {
  readonly sinceMs: number;
  /** By `schema.name`. */
  readonly scans: ReadonlyMap<string, number>;
}

/**
 * Counters are lost in a crash, without a word: then nothing is recorded as their reset, and only the server's start
 * bounds their age.
 */
export async function nodeCounters(client: ClientBase): Promise<NodeCounters> {
  const { rows: ages } = await client.query<{ since: number }>(
    `SELECT (extract(epoch FROM coalesce(
      (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()), pg_postmaster_start_time()
    )) * 1000)::float8 AS since`,
  );
  const { rows } = await client.query<{ name: string; scans: number }>(
    "SELECT schemaname || '.' || indexrelname AS name, coalesce(idx_scan, 0)::float8 AS scans FROM pg_stat_user_indexes",
  );
  return { sinceMs: ages[0]?.since ?? Date.now(), scans: new Map(rows.map(({ name, scans }) => [name, scans])) };
}
