import { MASK_MS } from "./constants.ts";
import type { CacheEntry } from "./entry.ts";

/** What is kept of an entry to know whether another is newer. */
export type Standing = Pick<CacheEntry, "loadedAt" | "freshUntil" | "staleUntil" | "maskUntil"> & {
  readonly proof: Pick<CacheEntry["proof"], "incarnation" | "provenThrough">;
};

/**
 * Whether an answer may be put in the place of another one of the same key: never an older one in that of a newer.
 * Loaded later is not enough: a replica that is behind gives an old answer late, so one that proves less waits until
 * the other is past its stale time (within one life of the bump log), or past its fresh time (across lives, where
 * what was proven compares with nothing, and the other is stale already). A later life's answer replaces at once.
 * That there is nothing is over soon, and stands longer against what proves less: so long as somebody who has not heard
 * of the removal may load it from a node that is behind.
 */
export function replaces(one: Standing, other: Standing, now: number): boolean {
  const [proof, known] = [one.proof, other.proof];
  if (proof.incarnation === known.incarnation) {
    if (proof.provenThrough > known.provenThrough) return true;
    if (one.loadedAt < other.loadedAt) return false;
    return proof.provenThrough === known.provenThrough || now >= standsUntil(other, other.staleUntil);
  }
  if (one.loadedAt < other.loadedAt) return false;
  return proof.incarnation > known.incarnation || now >= standsUntil(other, other.freshUntil);
}

function standsUntil({ loadedAt, maskUntil }: Standing, until: number): number {
  return maskUntil === undefined ? until : loadedAt + MASK_MS;
}
