import { DAY_MS } from "../constants.ts";

export interface KvDay {
  readonly now: number;
  /** Writes left today, whoever made the others. */
  readonly writesLeft: number;
  readonly writesPerDay: number;
  readonly nextRunInMs: number;
}

/**
 * How many of the day's KV writes may be gone by the next run, less those that are: the rest of the day keeps its share,
 * what one run leaves the next ones have, and a morning of many writes is made good by fewer later.
 */
export function kvAllowance({ now, writesLeft, writesPerDay, nextRunInMs }: KvDay): number {
  const dayLeftMs = DAY_MS - (now % DAY_MS);
  const kept = (writesPerDay * Math.max(0, dayLeftMs - nextRunInMs)) / DAY_MS;
  return Math.max(0, Math.floor(writesLeft - kept));
}
