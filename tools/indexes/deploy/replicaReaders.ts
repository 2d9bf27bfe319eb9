import { type Blocker, blockerText } from "./blocker.ts";
import { QUERY_HEAD_CHARACTERS } from "./constants.ts";
import { onStandby } from "./replicaLag.ts";
import type { Run } from "./run.ts";

/** A reader younger than this is on its way out by itself. */
const OLD_READER_MS = 1_000;

/**
 * A standby's open transaction that has used the index, in words. Replaying the drop waits for it, and everything after
 * the drop waits behind: the primary's writes would not be seen there until that reader ends.
 */
export async function readerInTheWay(run: Pick<Run, "replicaUrls">, index: number): Promise<string | undefined> {
  for (const url of run.replicaUrls ?? []) {
    const found = await onStandby(url, (client) =>
      client.query<Blocker>(
        `SELECT DISTINCT ON (a.pid) a.pid, (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS "ageMs",
            a.state, left(a.query, ${QUERY_HEAD_CHARACTERS}) AS query, a.application_name AS application
          FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE l.relation = $1 AND a.pid <> pg_backend_pid()
            AND a.xact_start < clock_timestamp() - $2::float8 * interval '1 ms'`,
        [index, OLD_READER_MS],
      ),
    );
    const reader = found?.rows[0];
    if (reader) return `a reader on the replica ${new URL(url).host} uses the index: ${blockerText(reader)}`;
  }
  return undefined;
}
