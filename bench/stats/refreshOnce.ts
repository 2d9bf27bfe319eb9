import { readFile } from "node:fs/promises";
import type { Client } from "pg";
import { refresh } from "../../src/marketplace/index.ts";

interface Refreshed {
  readonly ms: number;
  /** What of it the server computed, whatever else the machine does. Linux alone tells. */
  readonly cpuMs: number;
  /** Changes that were counted. */
  readonly done: number;
  /** Rows that were read, by whatever scan. */
  readonly rowsRead: number;
}

/** One refresh, by the statements that the five-minute cron sends, each until it answers 0. */
export async function refreshOnce(client: Client): Promise<Refreshed> {
  const before = await rowsRead(client);
  const cpuBefore = await cpuMs(client);
  const startedAt = performance.now();
  let done = 0;
  for (const { text, values } of refresh(Date.now())) {
    for (;;) {
      const { rows } = await client.query<{ done: number }>(text, [...values]);
      const answered = rows[0]?.done ?? 0;
      if (answered === 0) break;
      done += answered;
    }
  }
  const ms = performance.now() - startedAt;
  const spent = (await cpuMs(client)) - cpuBefore;
  return { ms, cpuMs: spent, done, rowsRead: (await rowsRead(client)) - before };
}

/** Time the session's server process has been on a processor. */
async function cpuMs(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const [ns] = (await readFile(`/proc/${rows[0]?.pid}/schedstat`, "utf8").catch(() => "")).split(" ");
  return ns ? Number(ns) / 1e6 : Number.NaN;
}

/** Rows that scans of the marketplace's tables have read so far, in this session and those that told. */
async function rowsRead(client: Client): Promise<number> {
  await client.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await client.query<{ n: string }>(
    `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS n FROM pg_stat_user_tables WHERE schemaname = 'public'`,
  );
  return Number(rows[0]?.n);
}

/** Rows of the marketplace's tables, as the planner knows them. */
export async function allRows(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: string }>(
    `SELECT sum(reltuples) AS n FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reltuples > 0`,
  );
  return Number(rows[0]?.n);
}
