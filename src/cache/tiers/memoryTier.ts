import { type CacheEntry, usableUntil } from "../entry.ts";
import { fnv1a } from "../fnv1a.ts";
import { replaces } from "../replaces.ts";
import {
  BYTES_A_CHAR,
  BYTES_A_GHOST,
  ENTRY_OVERHEAD_BYTES,
  MAIN_SAMPLE,
  MAX_MEMORY_SHARE,
  MEMORY_BYTES,
  SMALL_SHARE,
} from "./constants.ts";
import { Fifo, type Queued } from "./fifo.ts";
import { FrequencySketch } from "./frequencySketch.ts";
import { GhostQueue } from "./ghostQueue.ts";
import { SampledShelf, type Shelved } from "./sampledShelf.ts";
import type { Tier, TierRead, TierWrite } from "./tier.ts";

interface Held extends Queued, Shelved {
  entry: CacheEntry;
  bytes: number;
  digest: number;
  isMain: boolean;
}

export interface MemoryStats {
  readonly bytes: number;
  readonly entries: number;
  /** Since the isolate began, those that made room; neither the expired nor the replaced. */
  readonly evictions: number;
}

/**
 * Entries in this isolate, within so many bytes. What is new passes through a small queue; what comes out of it stays if
 * it is worth more than what would have to go: how often it was asked for lately, divided by its bytes (W-TinyLFU,
 * Einziger, Friedman and Manes 2017, here by size). So a scan of keys that are asked for once leaves what is hot alone,
 * and ten pitches that are asked for as often as one list are kept in its place.
 * Beside the promises of every tier, `peek` and `store` do the same at once. Reads no clock.
 */
export class MemoryTier implements Tier {
  readonly name = "memory";
  readonly trouble = undefined;
  readonly #maxBytes: number;
  readonly #held = new Map<string, Held>();
  readonly #small = new Fifo<Held>();
  readonly #main = new SampledShelf<Held>(MAIN_SAMPLE);
  readonly #asked = new FrequencySketch();
  readonly #ghosts: GhostQueue;
  #evictions = 0;

  constructor(maxBytes = MEMORY_BYTES) {
    this.#maxBytes = maxBytes;
    this.#ghosts = new GhostQueue(Math.ceil(maxBytes / BYTES_A_GHOST));
  }

  /** The entry; undefined: there is none that anybody may still want. */
  peek(key: string, now: number): CacheEntry | undefined {
    const held = this.#held.get(key);
    this.#asked.count(held?.digest ?? fnv1a(key));
    if (!held) return undefined;
    if (now >= usableUntil(held.entry)) {
      this.#drop(held);
      return undefined;
    }
    return held.entry;
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
    const held = { entry, bytes, digest, isMain: false, place: 0, older: undefined, newer: undefined };
    this.#held.set(entry.key, held);
    this.#ghosts.forget(digest);
    if (before?.isMain) this.#toMain(held, now, true);
    else this.#small.push(held);
    while (this.#small.bytes > this.#maxBytes * SMALL_SHARE) this.#advance(now);
    return { kind: "stored" };
  }

  /** Whether it was here and had to make room, not long ago: then a miss tells that the memory is small. */
  wasEvicted(key: string): boolean {
    return this.#ghosts.has(fnv1a(key));
  }

  stats(): MemoryStats {
    return { bytes: this.#bytes, entries: this.#held.size, evictions: this.#evictions };
  }

  async get(key: string, now: number): Promise<TierRead> {
    const entry = this.peek(key, now);
    return entry ? { kind: "found", entry } : { kind: "absent" };
  }

  async put(entry: CacheEntry, now: number): Promise<TierWrite> {
    return this.store(entry, now);
  }

  get #bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }

  /** The oldest of the small queue goes on into the main part if it is worth it, or out. */
  #advance(now: number): void {
    const held = this.#small.oldest;
    if (!held) return;
    this.#small.remove(held);
    if (now >= usableUntil(held.entry)) this.#leave(held, now);
    else this.#toMain(held, now, false);
  }

  /** `stays`: it was there before, with an older answer. Of equals the newer one stays, so that the old makes room. */
  #toMain(held: Held, now: number, stays: boolean): void {
    const room = this.#maxBytes * (1 - SMALL_SHARE) - held.bytes;
    const worthOf = (each: Held) => this.#worthOf(each, now);
    const worth = worthOf(held);
    while (this.#main.bytes > room) {
      const least = this.#main.least(worthOf);
      if (!least) break;
      if (!stays && worthOf(least) > worth) {
        this.#leave(held, now);
        return;
      }
      this.#main.remove(least);
      this.#leave(least, now);
    }
    held.isMain = true;
    this.#main.add(held);
  }

  /** How often it was asked for lately, for each byte. What is over is worth less than nothing. */
  #worthOf({ entry, digest, bytes }: Held, now: number): number {
    return now >= usableUntil(entry) ? -1 : this.#asked.of(digest) / bytes;
  }

  /** It is in no queue any more. */
  #leave({ entry, digest }: Held, now: number): void {
    this.#held.delete(entry.key);
    if (now >= usableUntil(entry)) return;
    this.#ghosts.add(digest);
    this.#evictions++;
  }

  #drop(held: Held): void {
    if (held.isMain) this.#main.remove(held);
    else this.#small.remove(held);
    this.#held.delete(held.entry.key);
  }
}

function bytesOf({ key, body, hash, proof }: CacheEntry): number {
  const chars = key.length + body.length + hash.length + proof.epoch.length + proof.saw.join("").length;
  return chars * BYTES_A_CHAR + ENTRY_OVERHEAD_BYTES;
}
