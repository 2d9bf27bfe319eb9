import { CACHE_SCHEMA, type CacheEntry } from "../../src/cache/entry.ts";
import { HASH_CHARS } from "./bytesOf.ts";
import type { Item } from "./catalogue.ts";
import { LOAD_MS, WINDOWS } from "./constants.ts";
import type { Loaded } from "./subject.ts";

const DAY_MS = 86_400_000;

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
    loadMs: LOAD_MS[kind],
    proof: { incarnation: 1, provenThrough: loaded.writes, knownThrough: loaded.writes, epoch: "1", saw: [] },
  };
}
