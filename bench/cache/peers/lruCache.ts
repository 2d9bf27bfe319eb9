import { LRUCache } from "lru-cache";
import { bytesOf } from "../bytesOf.ts";
import { WINDOWS } from "../constants.ts";
import type { Loaded, Subject, World } from "../subject.ts";
import { TagsBeside } from "../tagsBeside.ts";

/**
 * lru-cache with its own `fetch`: one load at a time of a key, and what is stale is given while it loads. It has no tags
 * and no end of staleness: both are kept beside it, and asked of it as `forceRefresh` and `allowStale`.
 */
export function lruCache({ items, maxBytes, load }: World): Subject {
  const tags = new TagsBeside();
  const cache = new LRUCache<number, Loaded>({
    maxSize: maxBytes,
    sizeCalculation: (_loaded, rank) => sizeOf(rank),
    ttlResolution: 0,
    fetchMethod: (rank) => load(rank),
    noDeleteOnStaleGet: true,
  });

  function sizeOf(rank: number): number {
    const item = items[rank];
    return item ? bytesOf(item) : 1;
  }

  return {
    ask: async (rank) => {
      const item = items[rank];
      if (!item) throw new Error(`nobody asked for ${rank}`);
      const { freshMs, staleMs } = WINDOWS[item.kind];
      const known = cache.peek(rank, { allowStale: true });
      const loaded = await cache.fetch(rank, {
        ttl: freshMs,
        allowStale: cache.getRemainingTTL(rank) > -staleMs,
        forceRefresh: known !== undefined && tags.isOld(item, known),
      });
      if (!loaded) throw new Error("lru-cache gave nothing");
      return { loaded };
    },
    written: (pitch, number) => tags.written(pitch, number),
  };
}
