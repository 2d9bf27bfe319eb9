import type { BumpKnowledge } from "./bumpKnowledge.ts";
import { MAX_VIEW_AGE_MS } from "./constants.ts";
import type { CacheEntry } from "./entry.ts";

/** Why an entry is not current. */
export type NotCurrent = "expired" | "bumped" | "unproven" | "old-epoch" | "old-incarnation" | "own-write";

/**
 * Whether nothing is known that the entry may lack: one comparison of integers per bucket (notes on consistency, §4).
 * Where the world's word on bumps is missing or older than `MAX_VIEW_AGE_MS`, its lifetime alone bounds it: then only
 * `blindFreshMs` of it counts.
 */
export function whyNotCurrent(
  entry: CacheEntry,
  known: BumpKnowledge | undefined,
  now: number,
  blindFreshMs: number,
): NotCurrent | undefined {
  if (now >= entry.freshUntil) return "expired";
  if (known && lacksOwn(entry, known)) return "own-write";
  if (!known || known.ageMs > MAX_VIEW_AGE_MS) return now < entry.loadedAt + blindFreshMs ? undefined : "expired";
  const { proof } = entry;
  if (proof.incarnation !== known.incarnation) return "old-incarnation";
  if (known.epoch !== undefined && proof.epoch !== known.epoch) return "old-epoch";
  if (proof.provenThrough < 0) return "unproven";
  return entry.buckets.some((bucket) => known.latest(bucket) > proof.provenThrough) ? "bumped" : undefined;
}

/**
 * Whether somebody ordered that nobody is shown it again. Numbers are times, so that they hold in every incarnation. What
 * was loaded without a view knew of none: it is purged where there was any purge, and only there.
 */
export function isPurged({ buckets, proof }: CacheEntry, known: BumpKnowledge | undefined): boolean {
  return known !== undefined && buckets.some((bucket) => known.purged(bucket) > Math.max(0, proof.knownThrough));
}

function lacksOwn({ buckets, proof }: CacheEntry, { own }: BumpKnowledge): boolean {
  for (const [id, touched] of own) {
    if (touched.some((bucket) => buckets.includes(bucket)) && !proof.saw.includes(id)) return true;
  }
  return false;
}
