import { MAX_RECENT_BUMPS } from "./constants.ts";
import type { BumpsPart } from "./parts.ts";

/**
 * A part of bumps that tells what came after something that is held, made whole again. Of each bucket the newest number
 * counts, whoever told it: numbers are times, so that this holds across incarnations too.
 */
export function joinBumps(part: BumpsPart, held: BumpsPart): BumpsPart {
  // What an older Collector on the way did not know of, and left out, is still so.
  const { recent = [], purged = [] } = part;
  return {
    ...part,
    since: 0,
    buckets: newest(held.buckets, part.buckets),
    ...((part.recent ?? held.recent) && { recent: newest(held.recent ?? [], recent).slice(-MAX_RECENT_BUMPS) }),
    ...((part.purged ?? held.purged) && { purged: newest(held.purged ?? [], purged) }),
  };
}

/** A part that tells everything, of an owner that may have lost what it knew: what was purged is so all the same. */
export function withPurgesOf(part: BumpsPart, { purged }: BumpsPart): BumpsPart {
  return purged ? { ...part, purged: newest(purged, part.purged ?? []) } : part;
}

function newest<K>(a: readonly (readonly [K, number])[], b: readonly (readonly [K, number])[]): [K, number][] {
  const all = new Map(a);
  for (const [key, seq] of b) all.set(key, Math.max(seq, all.get(key) ?? 0));
  return [...all];
}
