import type { CacheEntry } from "./entry.ts";
import type { FailedKeys } from "./failedKeys.ts";
import { isPurged, whyNotCurrent } from "./isCurrent.ts";
import { showsOwed } from "./owed.ts";
import { type Decision, decide, type Situation } from "./policy.ts";
import type { SharedCachePorts } from "./sharedCachePorts.ts";
import type { SharedRequest } from "./sharedRequest.ts";

/** What is looked at beside the request and the copy. */
export interface Surroundings extends Pick<SharedCachePorts, "known" | "mayRead"> {
  readonly failed: FailedKeys;
}

/** What is done with this request if this copy is the best there is; `absent`: why there is none, where there is none. */
export function decideRequest(
  { known: knownAt, mayRead, failed }: Surroundings,
  { key, policy, owed }: SharedRequest,
  entry: CacheEntry | undefined,
  absent: Situation["absent"],
  now: number,
): Decision {
  const known = knownAt(now);
  const hasFallback = entry !== undefined && now < entry.errorUntil;
  return decide({
    entry,
    why: entry && whyNotCurrent(entry, known, now, policy.fresh.floor * 1_000),
    isPurged: entry !== undefined && isPurged(entry, known),
    showsOwed: entry === undefined || owed.length === 0 || showsOwed(entry, owed),
    canLoad: mayRead() && !(hasFallback && failed.isPaused(key, now)),
    absent,
    now,
  });
}
