import type { CacheEntry } from "./entry.ts";

/**
 * Which of two copies of a key to keep: in one life of the log the one that proves more, else the one that was loaded
 * later. Of another life the later.
 */
export function isBetter(entry: CacheEntry, than: CacheEntry | undefined): boolean {
  if (!than) return true;
  const a = entry.proof;
  const b = than.proof;
  const isComparable = a.incarnation === b.incarnation && a.provenThrough !== b.provenThrough;
  return isComparable ? a.provenThrough > b.provenThrough : entry.loadedAt > than.loadedAt;
}
