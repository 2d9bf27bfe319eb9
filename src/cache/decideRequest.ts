import type { BumpKnowledge } from "./bumpKnowledge.ts";
import type { CacheEntry } from "./entry.ts";
import type { FailedKeys } from "./failedKeys.ts";
import { isPurged, type NotCurrent, whyNotCurrent } from "./isCurrent.ts";
import { isNearEnd } from "./isNearEnd.ts";
import { showsOwed } from "./owed.ts";
import { type Decision, decide, type Situation } from "./policy.ts";
import type { SharedCachePorts } from "./sharedCachePorts.ts";
import type { SharedRequest } from "./sharedRequest.ts";

/** What is looked at beside the request and the copy. */
export interface Surroundings extends Pick<SharedCachePorts, "known" | "mayRead" | "recoveryRatePerS" | "random"> {
  readonly failed: FailedKeys;
}

/** What is done with this request if this copy is the best there is; `absent`: why there is none, where there is none. */
export function decideRequest(
  { known: knownAt, mayRead, recoveryRatePerS, random, failed }: Surroundings,
  request: SharedRequest,
  entry: CacheEntry | undefined,
  absent: Situation["absent"],
  now: number,
): Decision {
  const { key } = request;
  const known = knownAt(now);
  const showsOwed = entry === undefined || showsAll(request, entry);
  // The pause after a failed load is for those whom a copy is good for: somebody who is owed more asks again.
  const hasFallback = entry !== undefined && showsOwed && now < entry.errorUntil;
  const why = entry && whyNotGood(request, entry, known, now);
  const isEnding = entry !== undefined && why === undefined && isNearEnd(entry, now, random);
  return decide({
    entry,
    why,
    isPurged: entry !== undefined && isPurged(entry, known),
    showsOwed,
    canLoad: mayRead() && !(hasFallback && failed.isPaused(key, now)),
    isNearEnd: isEnding,
    isRecovering: (why !== undefined || isEnding) && recoveryRatePerS(now) !== undefined,
    absent,
    now,
  });
}

/** Why a copy is not current for this request; undefined: it is. One that was loaded under other tags proves nothing of these. */
export function whyNotGood(
  { policy, buckets }: Pick<SharedRequest, "policy" | "buckets">,
  entry: CacheEntry,
  known: BumpKnowledge,
  now: number,
): NotCurrent | undefined {
  if (isRetagged(buckets, entry)) return "unproven";
  return whyNotCurrent(entry, known, now, policy.fresh.floor * 1_000);
}

/** Whether a copy shows all that its reader is owed. */
export function showsAll({ owed, buckets }: Pick<SharedRequest, "owed" | "buckets">, entry: CacheEntry): boolean {
  return owed.length === 0 || (!isRetagged(buckets, entry) && showsOwed(entry, owed));
}

function isRetagged(buckets: readonly number[], entry: CacheEntry): boolean {
  return buckets.some((bucket) => !entry.buckets.includes(bucket));
}
