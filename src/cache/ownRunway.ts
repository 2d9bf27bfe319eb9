import { MAX_LAST_GIVEN } from "./constants.ts";
import { type CacheEntry, isNegative } from "./entry.ts";

/** What one isolate can say of the runway by itself: until when the copies last that it gave last. */
export class OwnRunway {
  readonly #lastGiven = new Map<string, number>();

  gave(entry: CacheEntry): void {
    const { key, errorUntil } = entry;
    this.#lastGiven.delete(key);
    if (isNegative(entry)) return;
    this.#lastGiven.set(key, errorUntil);
    const [oldest] = this.#lastGiven.keys();
    if (this.#lastGiven.size > MAX_LAST_GIVEN && oldest !== undefined) this.#lastGiven.delete(oldest);
  }

  /** How long until the first of them has no copy left, in milliseconds; undefined: none was given. */
  ms(now: number): number | undefined {
    return this.#lastGiven.size === 0 ? undefined : Math.max(0, Math.min(...this.#lastGiven.values()) - now);
  }
}
