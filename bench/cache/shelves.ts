import { type CacheEntry, usableUntil } from "../../src/cache/entry.ts";
import type { Tier, TierRead, TierWrite } from "../../src/cache/tiers/tier.ts";

const STORED: TierWrite = { kind: "stored" };

/** One colo's Cache API, without the cost of writing entries as text. */
export class ColoShelf implements Tier {
  readonly name = "colo";
  readonly trouble = undefined;
  readonly #entries = new Map<string, CacheEntry>();

  async get(key: string, now: number): Promise<TierRead> {
    return read(this.#entries.get(key), now);
  }

  async put(entry: CacheEntry): Promise<TierWrite> {
    this.#entries.set(entry.key, entry);
    return STORED;
  }
}

interface Written {
  readonly entry: CacheEntry;
  readonly at: number;
  readonly place: string;
}

/**
 * KV as each colo sees it: of each key the newest entry, and the one that is seen until that is. What is written in one
 * place is seen in the others `seenAfterMs` later; half as long a place goes on saying what it found, or that it found nothing.
 */
export class KvShelf {
  readonly #seenAfterMs: number;
  readonly #newest = new Map<string, Written>();
  readonly #before = new Map<string, Written>();
  writes = 0;

  constructor(seenAfterMs: number) {
    this.#seenAfterMs = seenAfterMs;
  }

  at(place: string): Tier {
    const kept = new Map<string, { readonly entry: CacheEntry | undefined; readonly until: number }>();
    return {
      name: "kv",
      trouble: undefined,
      get: async (key, now) => {
        const known = kept.get(key);
        if (known && now < known.until) return read(known.entry, now);
        const entry = this.#seenAt(place, key, now);
        kept.set(key, { entry, until: now + this.#seenAfterMs / 2 });
        return read(entry, now);
      },
      put: async (entry, now) => {
        kept.delete(entry.key);
        const newest = this.#newest.get(entry.key);
        if (newest && (now - newest.at >= this.#seenAfterMs || !this.#before.has(entry.key))) {
          this.#before.set(entry.key, newest);
        }
        this.#newest.set(entry.key, { entry, at: now, place });
        this.writes++;
        return STORED;
      },
    };
  }

  #seenAt(place: string, key: string, now: number): CacheEntry | undefined {
    const newest = this.#newest.get(key);
    if (newest && (newest.place === place || now - newest.at >= this.#seenAfterMs)) return newest.entry;
    const before = this.#before.get(key);
    return before && now - before.at >= this.#seenAfterMs ? before.entry : undefined;
  }
}

function read(entry: CacheEntry | undefined, now: number): TierRead {
  return entry && now < usableUntil(entry) ? { kind: "found", entry } : { kind: "absent" };
}
