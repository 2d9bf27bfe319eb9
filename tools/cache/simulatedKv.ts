import type { KvStore } from "../../src/cache/tiers/kvTier.ts";

/** What Workers KV's documents say of it. */
const MIN_CACHE_TTL_S = 30;
const MIN_TTL_S = 60;
const MAX_KEY_BYTES = 512;
const MAX_METADATA_BYTES = 1_024;
const MAX_VALUE_BYTES = 26_214_400;
const KEY_GAP_MS = 1_000;

interface Version {
  readonly value: string;
  readonly writtenAt: number;
  readonly expiresAt: number;
  readonly location: string;
}

interface Kept {
  readonly version: Version | undefined;
  readonly until: number;
}

export interface SimulatedKvOptions {
  readonly now: () => number;
  /** How long after a write another location may still read what was there before, asked for each write and location. */
  readonly visibleAfterMs: () => number;
}

/**
 * One namespace of Workers KV in virtual time, seen from many locations, with what local emulation lacks: a write is seen
 * elsewhere later; what a location read it keeps for `cacheTtl`, and so that there was nothing; a key takes one write a
 * second in the world; what is out of bounds is refused.
 */
export class SimulatedKv {
  readonly #options: SimulatedKvOptions;
  readonly #versions = new Map<string, Version[]>();
  readonly #visibleAt = new Map<Version, Map<string, number>>();
  readonly #kept = new Map<string, Kept>();
  writes = 0;
  refused = 0;

  constructor(options: SimulatedKvOptions) {
    this.#options = options;
  }

  at(location: string): KvStore {
    return {
      get: async (key, { cacheTtl }) => {
        checkKey(key);
        if (cacheTtl < MIN_CACHE_TTL_S) throw new Error(`KV GET failed: 400 Invalid cache_ttl of ${cacheTtl}.`);
        return this.#get(location, key, cacheTtl);
      },
      put: async (key, value, { expirationTtl, metadata }) => {
        checkKey(key);
        if (expirationTtl < MIN_TTL_S) throw new Error(`KV PUT failed: 400 Invalid expiration_ttl of ${expirationTtl}.`);
        if (bytesOf(JSON.stringify(metadata)) > MAX_METADATA_BYTES) throw new Error("KV PUT failed: 413 metadata.");
        if (bytesOf(value) > MAX_VALUE_BYTES) throw new Error("KV PUT failed: 413 Value length exceeds the limit.");
        this.#put(location, key, value, expirationTtl);
      },
    };
  }

  /** Another text in a key's place, seen everywhere; the next write of it may come at once. */
  spoil(value: string, key: string): void {
    this.#kept.clear();
    const newest = this.#versions.get(key)?.at(-1);
    if (newest) this.#versions.set(key, [{ ...newest, value, writtenAt: Number.NEGATIVE_INFINITY, location: "*" }]);
  }

  #get(location: string, key: string, cacheTtl: number): string | null {
    const now = this.#options.now();
    const place = `${location} ${key}`;
    const kept = this.#kept.get(place);
    const version = kept && now < kept.until ? kept.version : this.#newestSeen(location, key, now);
    if (!kept || now >= kept.until) this.#kept.set(place, { version, until: now + cacheTtl * 1_000 });
    return version && now < version.expiresAt ? version.value : null;
  }

  #put(location: string, key: string, value: string, expirationTtl: number): void {
    const now = this.#options.now();
    const versions = this.#versions.get(key) ?? [];
    const newest = versions.at(-1);
    if (newest && now - newest.writtenAt < KEY_GAP_MS) {
      this.refused++;
      throw new Error("KV PUT failed: 429 Too Many Requests");
    }
    this.writes++;
    versions.push({ value, writtenAt: now, expiresAt: now + expirationTtl * 1_000, location });
    this.#versions.set(key, versions);
    this.#kept.delete(`${location} ${key}`);
  }

  #newestSeen(location: string, key: string, now: number): Version | undefined {
    return this.#versions.get(key)?.findLast((version) => {
      return version.location === location || version.location === "*" || now >= this.#seenAt(version, location);
    });
  }

  #seenAt(version: Version, location: string): number {
    const seen = this.#visibleAt.get(version) ?? new Map<string, number>();
    this.#visibleAt.set(version, seen);
    const known = seen.get(location);
    if (known !== undefined) return known;
    const at = version.writtenAt + this.#options.visibleAfterMs();
    seen.set(location, at);
    return at;
  }
}

function checkKey(key: string): void {
  if (key === "" || key === "." || key === "..") throw new Error(`KV: a key must not be "${key}".`);
  if (bytesOf(key) > MAX_KEY_BYTES) throw new Error(`KV: 414 UTF-8 encoded length of ${bytesOf(key)} exceeds the limit.`);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
