import { HEAT_COUNTERS } from "./constants.ts";
import { byHeat, type HeatCounter } from "./heatCounter.ts";

/** Counters of some time, and how often a key that has none may have come at most. */
export interface HeatSummary {
  readonly counters: readonly HeatCounter[];
  readonly floor: number;
}

/**
 * The keys that come most often, in the memory of a few counters (Space-Saving: Metwally, Agrawal and El Abbadi 2005). A
 * key without a counter takes over the smallest one: what that had counted is the newcomer's possible error. Every key
 * that came more often than one in `capacity` times has a counter; no count is too small, and none less its error too
 * great. It is on every request's path: a known key costs one look-up, a new one a short search for the smallest counter.
 */
export class SpaceSaving {
  readonly #slots = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #counts: number[] = [];
  readonly #errors: number[] = [];
  readonly #capacity: number;
  /** The smallest count once all counters are in use. It only grows. */
  #smallest = 1;
  /** Where the search for it goes on: those before were found greater. */
  #cursor = 0;

  constructor(capacity: number = HEAT_COUNTERS) {
    this.#capacity = capacity;
  }

  hit(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    else if (this.#keys.length < this.#capacity) this.#put(this.#keys.length, key, 0);
    else this.#replace(key);
  }

  /**
   * What was counted since the last take, hottest first; it begins anew. So each take speaks of its own time alone, all of
   * them add up, and growing old is the business of whoever adds them.
   */
  take(): HeatSummary {
    const floor = this.#keys.length < this.#capacity ? 0 : Math.min(...this.#counts);
    const counters = this.#keys.map((key, slot) => ({
      key,
      count: this.#counts[slot] ?? 0,
      error: this.#errors[slot] ?? 0,
    }));
    this.#slots.clear();
    this.#keys.length = 0;
    this.#counts.length = 0;
    this.#errors.length = 0;
    this.#smallest = 1;
    this.#cursor = 0;
    return { counters: counters.sort(byHeat), floor };
  }

  #replace(key: string): void {
    const slot = this.#findSmallest();
    const count = this.#counts[slot] ?? 0;
    this.#slots.delete(this.#keys[slot] ?? "");
    this.#put(slot, key, count);
  }

  #put(slot: number, key: string, error: number): void {
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#counts[slot] = error + 1;
    this.#errors[slot] = error;
  }

  /** Counts only grow, so the counters before the cursor stay greater until the smallest count itself grows. */
  #findSmallest(): number {
    for (; this.#cursor < this.#capacity; this.#cursor++) {
      if (this.#counts[this.#cursor] === this.#smallest) return this.#cursor;
    }
    this.#smallest = Math.min(...this.#counts);
    this.#cursor = this.#counts.indexOf(this.#smallest);
    return this.#cursor;
  }
}
