import { COUNT_WINDOW_MS, MIN_VOLUME } from "./constants.ts";
import type { Counts, Outcome } from "./outcomeWindow.ts";

/**
 * The last twenty outcomes, whenever they were within a minute: on a node that is seldom asked, ten seconds never hold
 * enough for a share to mean anything. Changed in place, since it stands on the path of every request.
 */
export class LastOutcomes {
  readonly #outcomes = new Array<Outcome>(MIN_VOLUME).fill("excluded");
  readonly #times = new Array<number>(MIN_VOLUME).fill(Number.NEGATIVE_INFINITY);
  /** Where the next one goes: over the oldest. */
  #next = 0;

  /** What is excluded takes nobody's place. */
  add(outcome: Outcome, now: number): void {
    if (outcome === "excluded") return;
    this.#outcomes[this.#next] = outcome;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % MIN_VOLUME;
  }

  /** Those that are young enough; a clock that was set back by more makes all of them too old. */
  totals(now: number): Counts {
    const sum: Counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };
    for (const [index, outcome] of this.#outcomes.entries()) {
      const at = this.#times[index] ?? Number.NEGATIVE_INFINITY;
      if (outcome !== "excluded" && Math.abs(now - at) < COUNT_WINDOW_MS) sum[outcome]++;
    }
    return sum;
  }

  clear(): void {
    this.#outcomes.fill("excluded");
  }
}
