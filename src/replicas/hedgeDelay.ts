/** How much each answer moves the estimate, as a share of it. */
const STEP = 0.05;

/** The share of answers that are faster. */
const QUANTILE = 0.95;

/** Answers before the estimate means anything. */
const LEARNT_AFTER = 20;

/**
 * After how long an answer is later than 95 of 100 were: a running quantile, which moves up a step with each answer that
 * was slower and down a nineteenth of one with each that was faster (stochastic approximation). Nothing is kept.
 */
export class HedgeDelay {
  #ms = 0;
  #count = 0;

  record(ms: number): void {
    this.#count++;
    if (this.#count === 1) this.#ms = ms;
    const step = Math.max(0.1, this.#ms * STEP);
    this.#ms = ms > this.#ms ? this.#ms + step * QUANTILE : Math.max(0, this.#ms - step * (1 - QUANTILE));
  }

  /** Undefined: too few answers were seen. */
  get ms(): number | undefined {
    return this.#count < LEARNT_AFTER ? undefined : this.#ms;
  }
}
