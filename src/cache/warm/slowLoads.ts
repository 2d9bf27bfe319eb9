import { SLOW_LOAD_MS, SLOW_LOADS } from "./constants.ts";

/**
 * What a run's own loads say of the database: a cron's isolate has no visitors by whom it could know. Slow is it when the
 * last few took longer than any visitor is kept waiting while there is a copy.
 */
export class SlowLoads {
  #last: readonly number[] = [];

  took(ms: number): void {
    this.#last = [...this.#last, ms].slice(-SLOW_LOADS);
  }

  get areSlow(): boolean {
    return this.#last.length === SLOW_LOADS && this.#last.every((ms) => ms > SLOW_LOAD_MS);
  }
}
