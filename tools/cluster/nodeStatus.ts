import { withClient } from "./postgresServer.ts";

/** One line of `cluster status`. */
export interface NodeStatus {
  readonly name: string;
  readonly role: "primary" | "replica";
  readonly state: "running" | "paused" | "stopped";
  readonly pid: number | null;
  readonly port: number;
  /** Milliseconds by which replay is behind; null on the primary and where nobody answers. */
  readonly lagMs: number | null;
}

/** By how much a standby's replay is behind, in milliseconds; null when it does not answer. */
export async function replayLagMs(port: number): Promise<number | null> {
  const lag = `SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE round(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000) END AS ms`;
  try {
    return await withClient(port, "postgres", async (client) => Number((await client.query(lag)).rows[0]?.ms ?? 0));
  } catch {
    return null;
  }
}
