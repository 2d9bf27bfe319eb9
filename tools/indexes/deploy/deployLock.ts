import { setTimeout as sleep } from "node:timers/promises";
import { LOCK_EVERY_MS, LOCK_KEY, LOCK_WITHIN_MS } from "./constants.ts";
import { IndexError } from "./indexError.ts";
import { duration } from "./quantities.ts";
import type { Session } from "./session.ts";

/**
 * Makes this session the only one that builds. Polled: a waiting pg_advisory_lock() has a snapshot, which the holder's
 * build would wait for, a deadlock. The lock goes with the session, so a killed deployer's is free within a second.
 */
export async function takeDeployLock(builder: Session): Promise<void> {
  const end = performance.now() + LOCK_WITHIN_MS;
  for (;;) {
    const [row] = await builder.rows<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${LOCK_KEY}) AS taken`);
    if (row?.taken === true) return;
    if (performance.now() > end) break;
    await sleep(LOCK_EVERY_MS);
  }
  const holder = await lockHolder(builder);
  throw new IndexError("held", `Another deploy is running, held by ${holder}: wait for it, or stop it there.`);
}

async function lockHolder(session: Session): Promise<string> {
  const [row] = await session.rows<{
    pid: number;
    application: string | null;
    address: string | null;
    ms: number | null;
  }>(
    `SELECT l.pid, a.application_name AS application, host(a.client_addr) AS address,
        (extract(epoch FROM clock_timestamp() - a.backend_start) * 1000)::float8 AS ms
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32) | l.objid::bigint = ${LOCK_KEY}`,
  );
  if (!row) return "a session that just ended (try again)";
  const from = row.address ? ` from ${row.address}` : "";
  const since = row.ms === null ? "" : `, connected for ${duration(row.ms)}`;
  return `${row.application || "a session"} (pid ${row.pid}${from}${since})`;
}
