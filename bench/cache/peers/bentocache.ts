import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { LRUCache } from "lru-cache";
import { BYTES_A_CHAR, ENTRY_OVERHEAD_BYTES } from "../../../src/cache/tiers/constants.ts";
import { WINDOWS } from "../constants.ts";
import type { Loaded, Subject, World } from "../subject.ts";

/**
 * bentocache with its memory driver and its own tags: one load at a time of a key, and what is expired, by time or by tag,
 * is given while it is loaded (`grace`, with a `timeout` of 0).
 */
export function bentocache({ items, maxBytes, load }: World): Subject {
  const cacheInstance = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (text, key) => (text.length + key.length) * BYTES_A_CHAR + ENTRY_OVERHEAD_BYTES,
    ttlResolution: 0,
  });
  const cache = new BentoCache({
    default: "memory",
    stores: { memory: bentostore().useL1Layer(memoryDriver({ cacheInstance } as object)) },
  });
  return {
    ask: async (rank) => {
      const item = items[rank];
      if (!item) throw new Error(`nobody asked for ${rank}`);
      const { freshMs, staleMs } = WINDOWS[item.kind];
      const loaded: Loaded = await cache.getOrSet({
        key: item.key,
        factory: () => load(rank),
        ttl: freshMs,
        grace: staleMs + freshMs,
        timeout: 0,
        tags: [...item.tags],
      });
      return { loaded };
    },
    written: ({ touches }) => cache.deleteByTag({ tags: [...touches] }),
  };
}
