import { open } from "node:fs/promises";

/** A wait for a lock that the server itself wrote down, and who held what was waited for. */
export interface LockWait {
  readonly pid: number;
  readonly holders: readonly number[];
}

/**
 * Reads what a server's log says from here on of sessions with `log_lock_waits`: each wait that outlasted their
 * `deadlock_timeout`. Neither a busy machine nor a sampler that slept can hide one, or make one up.
 */
export async function lockWaitsIn(logFile: string): Promise<() => Promise<readonly LockWait[]>> {
  const start = await sizeOf(logFile);
  return async () => {
    const file = await open(logFile);
    try {
      const { size } = await file.stat();
      const { buffer } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, Math.max(0, size - start), start);
      return lockWaits(buffer.toString("utf8"));
    } finally {
      await file.close();
    }
  };
}

/** Each `still waiting` line with the line of detail that follows it, of the same process. */
export function lockWaits(log: string): readonly LockWait[] {
  const waits: LockWait[] = [];
  const pattern =
    /\[(\d+)\] LOG: {2}process \1 still waiting for .*\n.*\[\1\] DETAIL: {2}Process(?:es)? holding the lock: ([\d, ]*)\./g;
  for (const [, pid, holders = ""] of log.matchAll(pattern)) {
    waits.push({ pid: Number(pid), holders: holders.split(",").map(Number) });
  }
  return waits;
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
