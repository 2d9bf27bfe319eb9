import { type Cache, type CacheEntry, cachified, totalTtl } from "@epic-web/cachified";
import { LRUCache } from "lru-cache";
import { bytesOf } from "../bytesOf.ts";
import { WINDOWS } from "../constants.ts";
import type { Loaded, Subject, World } from "../subject.ts";
import { TagsBeside } from "../tagsBeside.ts";

/**
 * cachified over lru-cache, as its guide has it: one load at a time of a key, and stale-while-revalidate. It has no tags:
 * kept beside it, they make of an entry what its own `softPurge` would have made of it.
 */
export function cachifiedCache({ items, maxBytes, load }: World): Subject {
  const tags = new TagsBeside();
  const ranks = new Map(items.map(({ key }, rank) => [key, rank]));
  const lru = new LRUCache<string, CacheEntry<Loaded>>({
    maxSize: maxBytes,
    sizeCalculation: ({ value }) => sizeOf(value),
    ttlResolution: 0,
  });
  const cache: Cache = {
    name: "lru-cache",
    get: (key) => {
      const entry = lru.get(key);
      const item = items[ranks.get(key) ?? -1];
      if (!entry || !item || !tags.isOld(item, entry.value)) return entry;
      return { ...entry, metadata: { ...entry.metadata, ttl: 0, swr: totalTtl(entry.metadata) } };
    },
    set: (key, entry: CacheEntry<Loaded>) => {
      lru.set(key, entry, { ttl: totalTtl(entry.metadata), start: performance.now() });
    },
    delete: (key) => lru.delete(key),
  };

  function sizeOf({ rank }: Loaded): number {
    const item = items[rank];
    return item ? bytesOf(item) : 1;
  }

  return {
    ask: async (rank) => {
      const item = items[rank];
      if (!item) throw new Error(`nobody asked for ${rank}`);
      const { freshMs, staleMs } = WINDOWS[item.kind];
      const getFreshValue = () => load(rank);
      return { loaded: await cachified({ key: item.key, cache, ttl: freshMs, swr: staleMs, getFreshValue }) };
    },
    written: (pitch, number) => tags.written(pitch, number),
  };
}
