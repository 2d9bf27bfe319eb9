import { BUDGET_WINDOW_MS, HEDGE_SHARE, RETRY_SHARE } from "./constants.ts";

/** Slices of the window: the oldest falls away a tenth at a time. */
const SLICES = 10;

/** What is asked beyond a first try. */
export type Extra = "retry" | "hedge";

/**
 * What may be asked beyond first tries: a share of traffic, counted over a sliding window. Without it every client of a
 * dying database sends three requests where it sent one. Hedges have a smaller share of their own within it.
 */
export class AttemptBudget {
  readonly #tries = new Array<number>(SLICES).fill(0);
  readonly #extras = new Array<number>(SLICES).fill(0);
  readonly #hedges = new Array<number>(SLICES).fill(0);
  #slice = 0;

  /** Counts a first try. */
  countTry(now: number): void {
    const index = this.#advance(now);
    this.#tries[index] = (this.#tries[index] ?? 0) + 1;
  }

  /**
   * Whether there is room. `floor`: what this isolate may retry in a window whatever its traffic; hedges have none.
   * Less than one retry is a chance of one, so that many quiet isolates together keep to it. `random` is in [0, 1).
   */
  hasRoom(extra: Extra, floor: number, now: number, random: number): boolean {
    this.#advance(now);
    const tries = sum(this.#tries);
    const asked = sum(this.#extras);
    const allowed = Math.max(floor, RETRY_SHARE * tries);
    const hasRoom = asked + 1 <= allowed || (asked === 0 && random < allowed);
    return extra === "retry" ? hasRoom : hasRoom && sum(this.#hedges) + 1 <= HEDGE_SHARE * tries;
  }

  /** Takes one, whether or not there was room. */
  take(extra: Extra, now: number): void {
    const index = this.#advance(now);
    this.#extras[index] = (this.#extras[index] ?? 0) + 1;
    if (extra === "hedge") this.#hedges[index] = (this.#hedges[index] ?? 0) + 1;
  }

  #advance(now: number): number {
    const slice = Math.floor(now / (BUDGET_WINDOW_MS / SLICES));
    const passed = Math.min(SLICES, Math.abs(slice - this.#slice));
    for (let step = 1; step <= passed; step++) {
      const index = mod(slice - passed + step);
      this.#tries[index] = 0;
      this.#extras[index] = 0;
      this.#hedges[index] = 0;
    }
    this.#slice = slice;
    return mod(slice);
  }
}

function mod(slice: number): number {
  return ((slice % SLICES) + SLICES) % SLICES;
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
