import type { CacheEntry } from "../../src/cache/entry.ts";
import { SpaceSaving } from "../../src/cache/heat/spaceSaving.ts";
import { SharedCache } from "../../src/cache/sharedCache.ts";
import type { SharedRequest } from "../../src/cache/sharedRequest.ts";
import { MemoryTier } from "../../src/cache/tiers/memoryTier.ts";
import { Random } from "../../tools/seed/random.ts";
import { entryOf } from "./entryOf.ts";
import { KnownAtOnce, requestOf, SILENT } from "./ports.ts";
import type { Loaded, Subject, World } from "./subject.ts";

/** Our read path as a Worker has it, with its memory tier alone, where every write is known at once. */
export function ours({ items, maxBytes, now, sleep, load }: World): Subject {
  const known = new KnownAtOnce();
  const heat = new SpaceSaving();
  const random = new Random(1);
  const cache = new SharedCache({
    memory: new MemoryTier(maxBytes),
    farther: [],
    known: known.at,
    mayRead: () => true,
    recoveryRatePerS: () => undefined,
    random: () => random.next(),
    lease: async () => undefined,
    publish: async () => undefined,
    failureOf: () => "answer",
    telemetry: SILENT,
    wanted: (key) => heat.hit(key),
    waited: () => undefined,
    isAudited: () => false,
    mismatched: () => undefined,
  });
  const requests = new Map<number, SharedRequest>();
  const loadedOf = new WeakMap<CacheEntry, Loaded>();

  function make(rank: number): SharedRequest {
    const item = items[rank];
    if (!item) throw new Error(`nobody asked for ${rank}`);
    const request = requestOf(item, {
      now,
      sleep,
      load: async () => {
        const loaded = await load(rank);
        const entry = entryOf(item, loaded, request.buckets);
        loadedOf.set(entry, loaded);
        return entry;
      },
    });
    requests.set(rank, request);
    return request;
  }

  return {
    ask: async (rank) => {
      const { entry, as } = await cache.answer(requests.get(rank) ?? make(rank));
      const loaded = loadedOf.get(entry);
      if (!loaded) throw new Error("an answer that nobody loaded");
      return { loaded, isKnownOld: as === "stale" };
    },
    written: (pitch, number) => known.written(pitch, number),
  };
}
