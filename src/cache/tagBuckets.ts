import { TAG_BUCKETS } from "../rpc/constants.ts";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The buckets that these tags fall into, each once. Two tags in one bucket cost a needless refresh, never a stale answer. */
export function tagBuckets(tags: readonly string[]): number[] {
  return [...new Set(tags.map(bucketOf))];
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits: cheap, and spread well enough over 1,024. */
function bucketOf(tag: string): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(tag)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return (hash >>> 0) % TAG_BUCKETS;
}
