import { type CacheEntry, usableUntil } from "../entry.ts";
import { replaces } from "../replaces.ts";
import {
  BYTES_A_CHAR,
  BYTES_A_GHOST,
  ENTRY_OVERHEAD_BYTES,
  HITS_TO_MAIN,
  MAX_HITS,
  MAX_MEMORY_SHARE,
  MEMORY_BYTES,
  SMALL_SHARE,
} from "./constants.ts";
import { Fifo, type Queued } from "./fifo.ts";
import { GhostQueue } from "./ghostQueue.ts";
import type { Tier, TierRead, TierWrite } from "./tier.ts";

interface Held extends Queued {
  entry: CacheEntry;
  bytes: number;
  /** Credited; up to `MAX_HITS`. */
  hits: number;
  isMain: boolean;
}

export interface MemoryStats {
  readonly bytes: number;
  readonly entries: number;
  /** Since the isolate began, those that made room; neither the expired nor the replaced. */
  readonly evictions: number;
}

/**
 * Entries in this isolate, within so many bytes. What goes first is chosen by S3-FIFO (Yang et al., SOSP 2023): a scan of
 * keys that are asked for once passes through a small queue and leaves what is hot in the main one alone.
 * Beside the promises of every tier, `peek` and `store` do the same at once. Reads no clock.
 */
export class MemoryTier implements Tier {
  readonly name = "memory";
  readonly trouble = undefined;
  readonly #maxBytes: number;
  readonly #held = new Map<string, Held>();
  readonly #small = new Fifo<Held>();
  readonly #main = new Fifo<Held>();
  readonly #ghosts: GhostQueue;
  #evictions = 0;

  constructor(maxBytes = MEMORY_BYTES) {
    this.#maxBytes = maxBytes;
    this.#ghosts = new GhostQueue(Math.ceil(maxBytes / BYTES_A_GHOST));
  }

  /** The entry; undefined: there is none that anybody may still want. */
  peek(key: string, now: number): CacheEntry | undefined {
    const held = this.#held.get(key);
    if (!held) return undefined;
    if (now >= usableUntil(held.entry)) {
      this.#drop(held);
      return undefined;
    }
    if (held.hits < MAX_HITS) held.hits++;
    return held.entry;
  }

  store(entry: CacheEntry, now: number): TierWrite {
    if (now >= usableUntil(entry)) return { kind: "skipped", why: "short-lived" };
    const held = this.#held.get(entry.key);
    if (held && !replaces(entry, held.entry, now)) return { kind: "skipped", why: "older" };
    const bytes = bytesOf(entry);
    // What it would have replaced is old: the farther tiers answer better than this one.
    if (held) this.#drop(held);
    if (bytes > this.#maxBytes * MAX_MEMORY_SHARE) return { kind: "skipped", why: "too-big" };
    const isMain = held?.isMain ?? this.#ghosts.has(entry.key, this.#main.length);
    this.#makeRoom(bytes, now);
    this.#hold({ entry, bytes, hits: held?.hits ?? 0, isMain, older: undefined, newer: undefined });
    return { kind: "stored" };
  }

  /** Whether it was here and had to make room, not long ago: then a miss tells that the memory is small. */
  wasEvicted(key: string): boolean {
    return this.#ghosts.has(key, Number.POSITIVE_INFINITY);
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

  #hold(held: Held): void {
    this.#ghosts.forget(held.entry.key);
    this.#held.set(held.entry.key, held);
    this.#queueOf(held).push(held);
  }

  #drop(held: Held): void {
    this.#queueOf(held).remove(held);
    this.#held.delete(held.entry.key);
  }

  #makeRoom(bytes: number, now: number): void {
    while (this.#bytes + bytes > this.#maxBytes) {
      const isSmallFull = this.#small.bytes > this.#maxBytes * SMALL_SHARE || this.#main.length === 0;
      this.#advance(isSmallFull ? this.#small : this.#main, now);
    }
  }

  /** The oldest of a queue goes on into the main one, for its hits, or out. */
  #advance(queue: Fifo<Held>, now: number): void {
    const held = queue.oldest;
    if (!held) return;
    if (now >= usableUntil(held.entry)) {
      this.#drop(held);
      return;
    }
    if (held.hits >= (held.isMain ? 1 : HITS_TO_MAIN)) {
      queue.remove(held);
      held.hits = held.isMain ? held.hits - 1 : 0;
      held.isMain = true;
      this.#main.push(held);
      return;
    }
    this.#drop(held);
    this.#ghosts.add(held.entry.key);
    this.#evictions++;
  }

  #queueOf({ isMain }: Held): Fifo<Held> {
    return isMain ? this.#main : this.#small;
  }
}

function bytesOf({ key, body, hash, proof }: CacheEntry): number {
  const chars = key.length + body.length + hash.length + proof.epoch.length + proof.saw.join("").length;
  return chars * BYTES_A_CHAR + ENTRY_OVERHEAD_BYTES;
}
