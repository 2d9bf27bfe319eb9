import { setTimeout as sleep } from "node:timers/promises";
import { type Blocker, blockerText } from "./blocker.ts";
import { OLD_READER_MS, QUERY_HEAD_CHARACTERS } from "./constants.ts";
import { onStandby } from "./replicaLag.ts";
import type { Run } from "./run.ts";

/**
 * A standby's open transaction that has used the index, in words. Replaying the drop waits for it, and everything after
 * the drop waits behind: the primary's writes would not be seen there until that reader ends.
 */
export async function readerInTheWay(run: Pick<Run, "replicaUrls">, index: number): Promise<string | undefined> {
  for (const url of run.replicaUrls ?? []) {
    const reader = (await readers(url, index))[0];
    if (!reader) continue;
    // A busy replica has a young reader at any moment; what matters is whether one stays.
    if ((reader.ageMs ?? 0) < OLD_READER_MS) await sleep(OLD_READER_MS);
    const old = (await readers(url, index)).find(({ ageMs }) => ageMs === null || ageMs >= OLD_READER_MS);
    if (old) return `a reader on the replica ${new URL(url).host} uses the index: ${blockerText(old)}`;
  }
  return undefined;
}

/** Those who hold a lock on the index there, the oldest first. */
async function readers(url: string, index: number): Promise<readonly Blocker[]> {
  const found = await onStandby(url, (client) =>
    client.query<Blocker>(
      `SELECT a.pid, (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS "ageMs",
          a.state, left(a.query, ${QUERY_HEAD_CHARACTERS}) AS query, a.application_name AS application
        FROM pg_stat_activity a
        WHERE a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
          AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.relation = $1)
        ORDER BY a.xact_start`,
      [index],
    ),
  );
  return found?.rows ?? [];
}
