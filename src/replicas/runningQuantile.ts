/** Of the first ones the quickest counts: some waited for a connection, and to come down from there takes thousands. */
const FIRST = 10;

/** How much each answer moves the estimate, as a share of it. */
const STEP = 0.05;

/**
 * A quantile of durations, such that this share of them is below it: it moves up with each that was above and down with
 * each that was below, in steps whose ratio is the share's (stochastic approximation). Nothing is kept.
 */
export class RunningQuantile {
  readonly #share: number;
  #ms = 0;
  #count = 0;

  /** `share` is between 0 and 1. */
  constructor(share: number) {
    this.#share = share;
  }

  record(ms: number): void {
    this.#count++;
    if (this.#count === 1 || (this.#count <= FIRST && ms < this.#ms)) this.#ms = ms;
    const step = Math.max(0.1, this.#ms * STEP);
    this.#ms = ms > this.#ms ? this.#ms + step * this.#share : Math.max(0, this.#ms - step * (1 - this.#share));
  }

  /** 0 before any was recorded. */
  get ms(): number {
    return this.#ms;
  }

  /** How many it was estimated from. */
  get count(): number {
    return this.#count;
  }
}
