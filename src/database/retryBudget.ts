import { RETRY_FLOOR, RETRY_SHARE, RETRY_WINDOW_MS } from "./constants.ts";

/** Slices of the window: the oldest falls away a tenth at a time. */
const SLICES = 10;

/**
 * Retries within a share of traffic, counted over a sliding window; per isolate. Without it every client of a dying
 * database sends three requests where it sent one.
 */
export class RetryBudget {
  readonly #tries = new Array<number>(SLICES).fill(0);
  readonly #retries = new Array<number>(SLICES).fill(0);
  #slice = 0;

  /** Counts a first try. */
  countTry(now: number): void {
    const index = this.#advance(now);
    this.#tries[index] = (this.#tries[index] ?? 0) + 1;
  }

  /** Takes one retry from the budget; false when it is used up. */
  takeRetry(now: number): boolean {
    const index = this.#advance(now);
    const allowed = Math.max(RETRY_FLOOR, RETRY_SHARE * sum(this.#tries));
    if (sum(this.#retries) + 1 > allowed) return false;
    this.#retries[index] = (this.#retries[index] ?? 0) + 1;
    return true;
  }

  #advance(now: number): number {
    const slice = Math.floor(now / (RETRY_WINDOW_MS / SLICES));
    const passed = Math.min(SLICES, Math.abs(slice - this.#slice));
    for (let step = 1; step <= passed; step++) {
      const index = mod(slice - passed + step);
      this.#tries[index] = 0;
      this.#retries[index] = 0;
    }
    this.#slice = slice;
    return mod(slice);
  }
}

function mod(slice: number): number {
  return ((slice % SLICES) + SLICES) % SLICES;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
