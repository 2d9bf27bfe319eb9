import type { CacheEntry } from "../entry.ts";
import { replaces, type Standing } from "../replaces.ts";
import { MAX_SEEN_KEYS } from "./constants.ts";

/** The newest entry of each key that an isolate met in a tier, so that it puts nothing older over it. Bounded: it forgets. */
export class NewestSeen {
  readonly #newest = new Map<string, Standing>();

  /** Whether nothing newer was seen. */
  admits(entry: CacheEntry, now: number): boolean {
    const newest = this.#newest.get(entry.key);
    return newest === undefined || replaces(entry, newest, now);
  }

  saw(entry: CacheEntry, now: number): void {
    if (!this.admits(entry, now)) return;
    const { key, loadedAt, freshUntil, staleUntil, maskUntil, proof } = entry;
    const { incarnation, provenThrough } = proof;
    this.#newest.delete(key); // the last one seen is the last to be forgotten
    this.#newest.set(key, { loadedAt, freshUntil, staleUntil, maskUntil, proof: { incarnation, provenThrough } });
    if (this.#newest.size <= MAX_SEEN_KEYS) return;
    for (const oldest of this.#newest.keys()) {
      this.#newest.delete(oldest);
      break;
    }
  }
}
