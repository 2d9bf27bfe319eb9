import { setTimeout as sleep } from "node:timers/promises";
import { opened } from "./indexBed.ts";

/** No write of the application may wait longer for a deploy. */
export const MOST_BLOCKED_MS = 50;

const SAMPLE_EVERY_MS = 10;
const WRITE_EVERY_MS = 4;

/**
 * Locks that writers wait for where the wait leads to a deployer's session, directly or through somebody who waits for
 * it. Since when is the server's own word, so that a busy machine is not taken for a lock.
 */
const WAITS = `
  WITH us AS (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'breakwater indexes%')
  SELECT l.pid || ' ' || l.waitstart AS wait,
    (extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::float8 AS ms
  FROM pg_locks l
  WHERE NOT l.granted AND l.pid = ANY ($1) AND l.waitstart IS NOT NULL AND EXISTS (
    SELECT FROM unnest(pg_blocking_pids(l.pid)) AS first(pid)
    WHERE first.pid IN (SELECT pid FROM us)
      OR EXISTS (SELECT FROM unnest(pg_blocking_pids(first.pid)) AS second(pid) WHERE second.pid IN (SELECT pid FROM us)))`;

/** An application that writes to both tables without a pause, and somebody who watches what it waits for. */
export async function startWriters(url: string) {
  const writers = [await opened(url), await opened(url)];
  const watcher = await opened(url);
  const pids = await Promise.all(
    writers.map(async (writer) => (await writer.query("SELECT pg_backend_pid() AS pid")).rows[0].pid as number),
  );
  const waits = new Map<string, number>();
  let isOver = false;
  let writes = 0;
  const errors: string[] = [];
  const write = async (index: number) => {
    const statement = ["UPDATE films SET year = year WHERE id = $1", "UPDATE people SET email = email WHERE id = $1"][
      index
    ];
    for (let id = 1; !isOver; id = (id % 30_000) + 1) {
      await writers[index]?.query(statement ?? "", [id]).catch((error: Error) => errors.push(error.message));
      writes++;
      await sleep(WRITE_EVERY_MS);
    }
  };
  const watch = async () => {
    while (!isOver) {
      const { rows } = await watcher.query<{ wait: string; ms: number }>(WAITS, [pids]);
      for (const { wait, ms } of rows) waits.set(wait, Math.max(ms, waits.get(wait) ?? 0));
      await sleep(SAMPLE_EVERY_MS);
    }
  };
  const running = Promise.all([write(0), write(1), watch()]);
  return {
    /** Waits of one millisecond and more that a deploy had a part in, by their length. */
    waits: () => [...waits.values()].sort((a, b) => b - a),
    written: () => ({ writes, errors }),
    stop: async () => {
      isOver = true;
      await running;
      await Promise.all([...writers, watcher].map((client) => client.end()));
    },
  };
}
