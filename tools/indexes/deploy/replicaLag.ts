import { Client } from "pg";
import { statedSslMode } from "../../migrate/statedSslMode.ts";
import type { Limits } from "./limits.ts";
import { duration, size } from "./quantities.ts";
import type { Run } from "./run.ts";
import type { Session } from "./session.ts";

interface Lag {
  readonly name: string;
  readonly bytes: number;
  readonly ms: number;
}

/** What the primary knows of its standbys, and what the standbys say that can be asked. */
async function replicaLags(observer: Session, urls: readonly string[]): Promise<readonly Lag[]> {
  const known = await observer.ask<Lag>(
    `SELECT application_name AS name, COALESCE(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::float8 AS bytes,
        COALESCE(extract(epoch FROM replay_lag) * 1000, 0)::float8 AS ms
      FROM pg_stat_replication WHERE state = 'streaming'`,
  );
  const asked = await Promise.all(urls.map((url) => onStandby(url, (client) => client.query<Lag>(OWN_LAG))));
  return [...known, ...asked.flatMap((answer) => answer?.rows ?? [])];
}

const OWN_LAG = `
  SELECT COALESCE(NULLIF(current_setting('cluster_name'), ''), inet_server_addr()::text) AS name,
    COALESCE(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::float8 AS bytes,
    CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
      ELSE COALESCE(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000, 0)::float8 END AS ms`;

/** Which replica is too far behind, in words; undefined: none. A whole build's WAL comes on top of what it shows. */
export async function lagInTheWay(run: Pick<Run, "observer" | "limits" | "replicaUrls">): Promise<string | undefined> {
  const lags = await replicaLags(run.observer, run.replicaUrls ?? []);
  const worst = lags.filter((lag) => isBehind(lag, run.limits)).sort((a, b) => b.bytes - a.bytes)[0];
  if (!worst) return undefined;
  const limit = `${duration(run.limits.maxLagMs)} and ${size(run.limits.maxLagBytes)}`;
  return `replica ${worst.name} is ${duration(worst.ms)} and ${size(worst.bytes)} behind (limit ${limit})`;
}

function isBehind({ bytes, ms }: Lag, limits: Limits): boolean {
  // The last measured delay stays in the view where nothing is written any more.
  return bytes > limits.maxLagBytes || (bytes > 0 && ms > limits.maxLagMs);
}

/** Asks a standby; undefined where it cannot be asked: it is down, or being rebuilt. */
export async function onStandby<T>(url: string, work: (client: Client) => Promise<T>): Promise<T | undefined> {
  const client = new Client({
    connectionString: statedSslMode(url),
    connectionTimeoutMillis: 2_000,
    query_timeout: 5_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}
