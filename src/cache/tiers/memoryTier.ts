import { type CacheEntry, usableUntil } from "../entry.ts";
import { fnv1a } from "../fnv1a.ts";
import { replaces } from "../replaces.ts";
import {
  BYTES_A_CHAR,
  BYTES_A_COUNTER,
  BYTES_A_GHOST,
  ENTRY_OVERHEAD_BYTES,
  MAX_MEMORY_SHARE,
  MEMORY_BYTES,
  SMALL_SHARE,
} from "./constants.ts";
import { EvictedKeys } from "./evictedKeys.ts";
import { Fifo, type Queued } from "./fifo.ts";
import { FrequencySketch } from "./frequencySketch.ts";
import type { Tier, TierRead, TierWrite } from "./tier.ts";

interface Held extends Queued {
  readonly entry: CacheEntry;
  readonly digest: number;
  isMain: boolean;
}

export interface MemoryStats {
  readonly bytes: number;
  readonly entries: number;
  /** Since the isolate began, those that made room; neither the expired nor the replaced. */
  readonly evictions: number;
}

/**
 * Entries in this isolate, within so many bytes. What is new waits in a small queue; what leaves it takes the place of the main
 * queue's oldest if it is asked for more often for each of its bytes than they are, else it is out (TinyLFU with
 * aggregated victims: Einziger, Eytan, Friedman and Manes, "Lightweight Robust Size Aware Cache Management", 2022). So a
 * scan of keys that are asked for once passes by, and many small answers are kept rather than one large one.
 * Beside the promises of every tier, `peek` and `store` do the same at once. Reads no clock.
 */
export class MemoryTier implements Tier {
  readonly name = "memory";
  readonly trouble = undefined;
  readonly #maxBytes: number;
  readonly #held = new Map<string, Held>();
  readonly #small = new Fifo<Held>();
  readonly #main = new Fifo<Held>();
  readonly #frequencies: FrequencySketch;
  readonly #evicted: EvictedKeys;
  #evictions = 0;

  constructor(maxBytes = MEMORY_BYTES) {
    this.#maxBytes = maxBytes;
    this.#frequencies = new FrequencySketch(maxBytes / BYTES_A_COUNTER);
    this.#evicted = new EvictedKeys(Math.ceil(maxBytes / BYTES_A_GHOST));
  }

  /** The entry; undefined: there is none that anybody may still want. Counts that somebody asked. */
  peek(key: string, now: number): CacheEntry | undefined {
    const held = this.#held.get(key);
    this.#frequencies.count(held ? held.digest : fnv1a(key));
    if (!held) return undefined;
    if (now < usableUntil(held.entry)) return held.entry;
    this.#drop(held);
    return undefined;
  }

  store(entry: CacheEntry, now: number): TierWrite {
    if (now >= usableUntil(entry)) return { kind: "skipped", why: "short-lived" };
    const before = this.#held.get(entry.key);
    if (before && !replaces(entry, before.entry, now)) return { kind: "skipped", why: "older" };
    const bytes = bytesOf(entry);
    // What it would have replaced is old: the farther tiers answer better than this one.
    if (before) this.#drop(before);
    if (bytes > this.#maxBytes * MAX_MEMORY_SHARE) return { kind: "skipped", why: "too-big" };
    const digest = before?.digest ?? fnv1a(entry.key);
    const isMain = before?.isMain ?? false;
    const held: Held = { entry, digest, bytes, isMain, older: undefined, newer: undefined };
    this.#held.set(entry.key, held);
    this.#queueOf(held).push(held);
    this.#evicted.forget(digest);
    this.#makeRoom(now);
    return { kind: "stored" };
  }

  /** Nobody may be given it again. */
  drop(key: string): void {
    const held = this.#held.get(key);
    if (held) this.#drop(held);
  }

  /** Whether it was here and had to make room, not long ago: then a miss tells that the memory is small. */
  wasEvicted(key: string): boolean {
    return this.#evicted.has(fnv1a(key));
  }

  stats(): MemoryStats {
    return {
      bytes: this.#small.bytes + this.#main.bytes,
      entries: this.#held.size,
      evictions: this.#evictions,
    };
  }

  /** All that is held, with the bytes that each counts for; counts for nobody's asking. */
  *copies(): Iterable<{ readonly key: string; readonly loadedAt: number; readonly bytes: number }> {
    for (const { entry, bytes } of this.#held.values()) yield { key: entry.key, loadedAt: entry.loadedAt, bytes };
  }

  async get(key: string, now: number): Promise<TierRead> {
    const entry = this.peek(key, now);
    return entry ? { kind: "found", entry } : { kind: "absent" };
  }

  async put(entry: CacheEntry, now: number): Promise<TierWrite> {
    return this.store(entry, now);
  }

  /** The small queue keeps to its share by sending its oldest on; a larger answer in an old one's place may crowd the main one. */
  #makeRoom(now: number): void {
    const smallMax = this.#maxBytes * SMALL_SHARE;
    const mainMax = this.#maxBytes - smallMax;
    for (let held = this.#small.oldest; held && this.#small.bytes > smallMax; held = this.#small.oldest) {
      this.#sendOn(held, mainMax, now);
    }
    for (let held = this.#main.oldest; held && this.#main.bytes > mainMax; held = this.#main.oldest) {
      this.#evict(held, now);
    }
  }

  #sendOn(held: Held, mainMax: number, now: number): void {
    const victims = this.#oldestOf(this.#main.bytes + held.bytes - mainMax, now);
    if (now >= usableUntil(held.entry) || !this.#isWorthMore(held, victims)) {
      this.#evict(held, now);
      // They proved their worth: the next to be compared are others.
      for (const victim of victims) this.#toMain(victim);
      return;
    }
    for (const victim of victims) this.#evict(victim, now);
    this.#toMain(held);
  }

  /** The main queue's oldest that have so many bytes together, together with those that are over: these go at once. */
  #oldestOf(bytes: number, now: number): readonly Held[] {
    const oldest: Held[] = [];
    let left = bytes;
    for (let held = this.#main.oldest, next = held?.newer; held && left > 0; held = next as Held | undefined) {
      next = held.newer;
      left -= held.bytes;
      if (now < usableUntil(held.entry)) oldest.push(held);
      else this.#drop(held);
    }
    return oldest;
  }

  #isWorthMore(held: Held, victims: readonly Held[]): boolean {
    let [hits, bytes] = [0, 0];
    for (const victim of victims) {
      hits += this.#frequencies.estimate(victim.digest);
      bytes += victim.bytes;
    }
    return bytes === 0 || this.#frequencies.estimate(held.digest) * bytes > hits * held.bytes;
  }

  #toMain(held: Held): void {
    this.#queueOf(held).remove(held);
    held.isMain = true;
    this.#main.push(held);
  }

  #evict(held: Held, now: number): void {
    this.#drop(held);
    if (now >= usableUntil(held.entry)) return;
    this.#evicted.add(held.digest);
    this.#evictions++;
  }

  #drop(held: Held): void {
    this.#queueOf(held).remove(held);
    this.#held.delete(held.entry.key);
  }

  #queueOf({ isMain }: Held): Fifo<Held> {
    return isMain ? this.#main : this.#small;
  }
}

function bytesOf({ key, body, hash, proof }: CacheEntry): number {
  const chars = key.length + body.length + hash.length + proof.epoch.length + proof.saw.join("").length;
  return chars * BYTES_A_CHAR + ENTRY_OVERHEAD_BYTES;
}
