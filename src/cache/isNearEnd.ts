import { AHEAD_SHARE } from "./constants.ts";
import { type CacheEntry, isNegative } from "./entry.ts";

/** Farther from its end than this many times its scale no coin is tossed: once in 160,000 times it would fall so. */
const FARTHEST = 12;

/**
 * Whether a fresh copy is loaded anew before its end, behind an answer: by chance, the likelier the nearer its end, so that
 * isolates do not all do it at once, and what is hot does it surely (XFetch: Vattani, Chierichetti and Lowenstein 2015). The
 * scale is the time that its load took, as theirs, or a share of its lifetime where that is longer: loads take
 * milliseconds, in which hardly any key is asked for at all.
 */
export function isNearEnd(
  entry: Pick<CacheEntry, "freshUntil" | "freshMs" | "loadMs" | "status">,
  now: number,
  random: () => number,
): boolean {
  const scaleMs = Math.max(entry.loadMs, AHEAD_SHARE * entry.freshMs);
  const leftMs = entry.freshUntil - now;
  return leftMs < FARTHEST * scaleMs && !isNegative(entry) && -scaleMs * Math.log(random()) >= leftMs;
}
