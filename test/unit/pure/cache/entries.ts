import { CACHE_SCHEMA, type CacheEntry } from "../../../../src/cache/entry.ts";

export const NOW = 1_790_000_000_000;

type Changes = Partial<Omit<CacheEntry, "proof">> & { readonly proof?: Partial<CacheEntry["proof"]> };

/** An answer that was loaded now: fresh for 10 s, stale for 50 s more, and for an hour where the database is down. */
export function entryOf({ proof, ...changes }: Changes = {}): CacheEntry {
  const loadedAt = changes.loadedAt ?? NOW;
  return {
    schema: CACHE_SCHEMA,
    key: "/api/pitches",
    status: 200,
    body: '{"items":[]}',
    hash: "h0",
    buckets: [1],
    loadedAt,
    freshUntil: loadedAt + 10_000,
    staleUntil: loadedAt + 60_000,
    errorUntil: loadedAt + 3_600_000,
    freshMs: 10_000,
    loadMs: 12,
    ...changes,
    proof: { incarnation: 1, provenThrough: 5, knownThrough: 5, epoch: "1", saw: [], ...proof },
  };
}
