import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { opened } from "./indexBed.ts";
import { lockWaitsIn } from "./lockWaits.ts";

/** No write of the application may wait longer for a deploy. */
const MOST_BLOCKED_MS = 50;

const SAMPLE_EVERY_MS = 10;
const WRITE_EVERY_MS = 4;
const WRITER = "chaos writer";
const US = "breakwater indexes%";

/** A restarted server lets nobody in for a moment. */
const BACK_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 50;

/** The server writes down whoever waits longer for a lock than a deploy may cost, and who held it. */
const WRITE_DOWN = `SET deadlock_timeout = '${MOST_BLOCKED_MS}ms'; SET log_lock_waits = on`;

/**
 * Locks that writers wait for where the wait leads to a deployer's session, directly or through somebody who waits for
 * it. Since when is the server's own word, so that a busy machine is not taken for a lock.
 */
const WAITS = `
  WITH us AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE application_name LIKE '${US}')
  SELECT ARRAY(SELECT pid FROM us) AS us, ARRAY(
    SELECT jsonb_build_object('wait', l.pid || ' ' || l.waitstart,
      'ms', extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND a.application_name = '${WRITER}' AND l.waitstart IS NOT NULL AND EXISTS (
      SELECT FROM unnest(pg_blocking_pids(l.pid)) AS first(pid)
      WHERE first.pid IN (SELECT pid FROM us)
        OR EXISTS (SELECT FROM unnest(pg_blocking_pids(first.pid)) AS second(pid) WHERE second.pid IN (SELECT pid FROM us)))
  ) AS waits`;

interface Sample {
  readonly us: readonly number[];
  readonly waits: readonly { readonly wait: string; readonly ms: number }[];
}

/** Writes of some time: all, and those that took longer than a deploy may cost, for whatever reason. */
interface Written {
  readonly writes: number;
  readonly slow: number;
}

/** An application that writes to both tables without a pause, and somebody who watches what it waits for. */
export async function startWriters(url: string, logFile: string) {
  const loggedWaits = await lockWaitsIn(logFile);
  const waits = new Map<string, number>();
  const us = new Set<number>();
  const errors: string[] = [];
  let isOver = false;
  let mayLose = false;
  let [writes, slow] = [0, 0];

  /** Asks again and again, over a new connection where a fault took the old one; other errors are told. */
  const session = async (application: string, everyMs: number, turn: (client: Client) => Promise<void>) => {
    let client = await prepared(url, application);
    while (!isOver) {
      try {
        await turn(client);
      } catch (error) {
        if (!mayLose || !isLost(error)) errors.push((error as Error).message);
        if (isLost(error)) client = await reopened(url, application);
      }
      await sleep(everyMs);
    }
    await client.end();
  };
  const writer = (statement: string) => {
    let id = 0;
    return session(WRITER, WRITE_EVERY_MS, async (client) => {
      id = (id % 30_000) + 1;
      const startedAt = performance.now();
      await client.query(statement, [id]);
      writes++;
      if (performance.now() - startedAt > MOST_BLOCKED_MS) slow++;
    });
  };
  const watcher = session("chaos", SAMPLE_EVERY_MS, async (client) => {
    const { rows } = await client.query<Sample>(WAITS);
    for (const pid of rows[0]?.us ?? []) us.add(pid);
    for (const { wait, ms } of rows[0]?.waits ?? []) waits.set(wait, Math.max(ms, waits.get(wait) ?? 0));
  });
  const running = Promise.all([
    writer("UPDATE films SET year = year WHERE id = $1"),
    writer("UPDATE people SET email = email WHERE id = $1"),
    watcher,
  ]);
  const longestMs = () => Math.max(0, ...waits.values());
  return {
    longestMs,
    /** Waits for a deploy that were too long: as the watcher saw them, or, where it slept, as the server logged them. */
    async tooLong() {
      const logged = await loggedWaits();
      const ours = logged.filter(({ holders }) => holders.some((pid) => us.has(pid))).length;
      const seen = [...waits.values()].filter((ms) => ms > MOST_BLOCKED_MS).length;
      return { byUs: Math.max(ours, seen), byAnybody: Math.max(logged.length, seen) };
    },
    written: (): Written => ({ writes, slow }),
    errors: () => errors as readonly string[],
    /** Connections may be lost from now on, or no more. */
    mayLoseConnections: (may: boolean) => {
      mayLose = may;
    },
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}

async function prepared(url: string, application: string): Promise<Client> {
  const client = await opened(url, application);
  if (application === WRITER) await client.query(WRITE_DOWN);
  return client;
}

async function reopened(url: string, application: string): Promise<Client> {
  const end = performance.now() + BACK_WITHIN_MS;
  for (;;) {
    try {
      return await prepared(url, application);
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}

/** SQLSTATE of a server that ends or begins; without one the connection failed. */
function isLost(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith("57P");
}
