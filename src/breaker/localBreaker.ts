import { type Counts, type Outcome, OutcomeWindow } from "./outcomeWindow.ts";
import { CLOSED, type Phase, step, waitLeftMs } from "./phase.ts";
import { type TripReason, tripReason } from "./tripRule.ts";

/** One node's breaker in one isolate: its own evidence, and what it makes of it. */
export class LocalBreaker {
  #phase: Phase = CLOSED;
  readonly #window = new OutcomeWindow();
  #failedRun = 0;
  #slowRun = 0;
  /** The world's epoch when it was opened here: a later word of the world that the node is well closes it. */
  #worldEpoch = -1;

  get phase(): Phase {
    return this.#phase;
  }

  get failedRun(): number {
    return this.#failedRun;
  }

  get slowRun(): number {
    return this.#slowRun;
  }

  totals(now: number): Counts {
    return this.#window.totals(now);
  }

  /**
   * An attempt ended. `answered`: the node said something, whatever it was; only that ends a run of failures or of slow
   * answers. Returns the reason if that opened it.
   * `worldEpoch`: the world's epoch of this node, -1 where the world said nothing yet.
   */
  record(outcome: Outcome, answered: boolean, now: number, random: number, worldEpoch: number): TripReason | undefined {
    this.#window.add(outcome, now);
    if (answered) {
      this.#failedRun = 0;
      this.#slowRun = 0;
    } else if (outcome === "failed") {
      this.#failedRun++;
    } else if (outcome === "slow") {
      this.#slowRun++;
    }
    if (outcome === "ok" || outcome === "excluded" || this.#phase.state !== "closed") return undefined;
    const reason = tripReason({ ...this.totals(now), failedRun: this.#failedRun, slowRun: this.#slowRun });
    if (reason) this.trip(now, random, worldEpoch);
    return reason;
  }

  /** Opens it, whatever the window says. */
  trip(now: number, random: number, worldEpoch: number): void {
    this.#phase = step(this.#phase, { type: "trip" }, now, random);
    this.#worldEpoch = worldEpoch;
  }

  /** A query of our own ended, where one was due. */
  probed(good: boolean, now: number, random: number): void {
    this.#become(step(step(this.#phase, { type: "time" }, now, random), { type: "probe", good }, now, random));
  }

  /** The world says that the node is well, in this epoch of it. */
  heardClosed(worldEpoch: number, now: number): void {
    if (this.#phase.state === "closed" || worldEpoch <= this.#worldEpoch) return;
    this.#become({ state: "closed", epoch: this.#phase.epoch + 1, since: now });
  }

  /** Whether the wait is over, and a query of our own may tell. */
  isProbeDue(now: number): boolean {
    return this.#phase.state !== "closed" && waitLeftMs(this.#phase, now) === 0;
  }

  #become(phase: Phase): void {
    if (phase.state === "closed" && this.#phase.state !== "closed") {
      this.#window.clear();
      this.#failedRun = 0;
      this.#slowRun = 0;
    }
    this.#phase = phase;
  }
}
