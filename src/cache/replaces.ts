import type { CacheEntry } from "./entry.ts";

/** What is kept of an entry to know whether another is newer. */
export type Standing = Pick<CacheEntry, "loadedAt" | "freshUntil" | "staleUntil"> & {
  readonly proof: Pick<CacheEntry["proof"], "incarnation" | "provenThrough">;
};

/**
 * Whether an answer may be put in the place of another one of the same key: never an older one in that of a newer.
 * Loaded later is not enough: a replica that is behind gives an old answer late, so one that proves less waits until
 * the other is past its stale time (within one life of the bump log), or past its fresh time (across lives, where
 * what was proven compares with nothing, and the other is stale already). A later life's answer replaces at once.
 */
export function replaces(one: Standing, other: Standing, now: number): boolean {
  const [proof, known] = [one.proof, other.proof];
  if (proof.incarnation === known.incarnation) {
    if (proof.provenThrough > known.provenThrough) return true;
    if (one.loadedAt < other.loadedAt) return false;
    return proof.provenThrough === known.provenThrough || now >= other.staleUntil;
  }
  if (one.loadedAt < other.loadedAt) return false;
  return proof.incarnation > known.incarnation || now >= other.freshUntil;
}
