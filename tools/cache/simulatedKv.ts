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
  /** For being the second in a second. */
  refused = 0;
  /** For being out of bounds, reads and writes. */
  invalid = 0;

  constructor(options: SimulatedKvOptions) {
    this.#options = options;
  }

  at(location: string): KvStore {
    return {
      get: async (key, { cacheTtl }) => {
        this.#mustBe(cacheTtl >= MIN_CACHE_TTL_S, `KV GET failed: 400 Invalid cache_ttl of ${cacheTtl}.`);
        this.#mustBeKey(key);
        return this.#get(location, key, cacheTtl);
      },
      put: async (key, value, { expirationTtl, metadata }) => {
        this.#mustBeKey(key);
        this.#mustBe(expirationTtl >= MIN_TTL_S, `KV PUT failed: 400 Invalid expiration_ttl of ${expirationTtl}.`);
        this.#mustBe(isWithin(JSON.stringify(metadata), MAX_METADATA_BYTES), "KV PUT failed: 413 Metadata too large.");
        this.#mustBe(isWithin(value, MAX_VALUE_BYTES), "KV PUT failed: 413 Value too large.");
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

  #mustBeKey(key: string): void {
    this.#mustBe(key !== "" && key !== "." && key !== "..", `KV: 400 a key must not be "${key}".`);
    this.#mustBe(isWithin(key, MAX_KEY_BYTES), "KV: 414 UTF-8 encoded length of the key exceeds the limit.");
  }

  #mustBe(isTrue: boolean, trouble: string): void {
    if (isTrue) return;
    this.invalid++;
    throw new Error(trouble);
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

function isWithin(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes;
}
