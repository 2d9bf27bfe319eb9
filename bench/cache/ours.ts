import type { BumpKnowledge } from "../../src/cache/bumpKnowledge.ts";
import { CACHE_SCHEMA, type CacheEntry } from "../../src/cache/entry.ts";
import { SharedCache } from "../../src/cache/sharedCache.ts";
import type { SharedRequest } from "../../src/cache/sharedRequest.ts";
import { tagBuckets } from "../../src/cache/tagBuckets.ts";
import { MemoryTier } from "../../src/cache/tiers/memoryTier.ts";
import type { Item } from "./catalogue.ts";
import { HASH_CHARS } from "./bytesOf.ts";
import { WINDOWS } from "./constants.ts";
import type { Loaded, Subject, World } from "./subject.ts";

const NOTHING = () => undefined;
const TELEMETRY = {
  shared: NOTHING,
  sharedMiss: NOTHING,
  tierRead: NOTHING,
  refreshed: NOTHING,
  leaseless: NOTHING,
  sharedObserved: NOTHING,
};

const DAY_MS = 86_400_000;

/** Our read path as a Worker has it, with its memory tier alone, where every write is known at once. */
export function ours({ items, maxBytes, now, sleep, load }: World): Subject {
  const newest = new Map<number, number>();
  let seq = 0;
  const known = (): BumpKnowledge => ({
    incarnation: 1,
    seq,
    ageMs: 0,
    epoch: "1",
    latest: (bucket) => newest.get(bucket) ?? 0,
    purged: () => 0,
    live: new Map(),
    recent: new Map(),
    cover: new Set(),
    own: new Map(),
  });
  const cache = new SharedCache({
    memory: new MemoryTier(maxBytes),
    farther: [],
    known,
    mayRead: () => true,
    lease: async () => undefined,
    publish: async () => undefined,
    isOutage: () => false,
    telemetry: TELEMETRY,
    wanted: NOTHING,
  });
  const flight = { now, sleep, waitUntil: NOTHING };
  const requests = new Map<number, SharedRequest>();
  const loadedOf = new WeakMap<CacheEntry, Loaded>();

  function requestOf(rank: number): SharedRequest {
    const item = items[rank];
    if (!item) throw new Error(`nobody asked for ${rank}`);
    const buckets = tagBuckets(item.tags);
    const { freshMs, staleMs } = WINDOWS[item.kind];
    const fresh = { floor: freshMs / 1_000, ceiling: freshMs / 1_000 };
    return {
      key: item.key,
      route: item.kind,
      policy: { fresh, staleWhileRevalidate: staleMs / 1_000, staleIfError: DAY_MS / 1_000 },
      buckets,
      owed: [],
      load: async () => {
        const loaded = await load(rank);
        const entry = entryOf(item, loaded, buckets);
        loadedOf.set(entry, loaded);
        return entry;
      },
      flight,
    };
  }

  return {
    ask: async (rank) => {
      const request = requests.get(rank) ?? requestOf(rank);
      requests.set(rank, request);
      const { entry, as } = await cache.answer(request);
      const loaded = loadedOf.get(entry);
      if (!loaded) throw new Error("an answer that nobody loaded");
      return { loaded, isKnownOld: as === "stale" };
    },
    written: ({ touches }, number) => {
      seq = number;
      for (const bucket of tagBuckets(touches)) newest.set(bucket, number);
    },
  };
}

/** As the door makes it. */
export function entryOf({ key, kind }: Item, loaded: Loaded, buckets: readonly number[]): CacheEntry {
  const { freshMs, staleMs } = WINDOWS[kind];
  const freshUntil = loaded.loadedAt + freshMs;
  return {
    schema: CACHE_SCHEMA,
    key,
    status: 200,
    body: loaded.body,
    hash: `${loaded.writes}`.padStart(HASH_CHARS, "0"),
    buckets: [...buckets],
    loadedAt: loaded.loadedAt,
    freshUntil,
    staleUntil: freshUntil + staleMs,
    errorUntil: freshUntil + DAY_MS,
    freshMs,
    loadMs: 0,
    proof: { incarnation: 1, provenThrough: loaded.writes, knownThrough: loaded.writes, epoch: "1", saw: [] },
  };
}
