import { MIN_VOLUME } from "./constants.ts";
import { LastOutcomes } from "./lastOutcomes.ts";
import { leftMs } from "./leftMs.ts";
import { type Counts, type Outcome, OutcomeWindow } from "./outcomeWindow.ts";
import { CLOSED, type Evident } from "./phase.ts";
import { stepEvident } from "./stepEvident.ts";
import { hasFailedRamp, type TripReason, tripReason, volumeOf } from "./tripRule.ts";

/** How an attempt ended. */
export interface AttemptResult {
  readonly outcome: Outcome;
  /** The node said something, whatever it was; only that ends a run of failures or of slow answers. */
  readonly answered: boolean;
  readonly sentAt: number;
}

/** One node's breaker in one isolate: its own evidence, and what it makes of it. */
export class LocalBreaker {
  #phase: Evident = CLOSED;
  readonly #window = new OutcomeWindow();
  readonly #last = new LastOutcomes();
  #failedRun = 0;
  #slowRun = 0;
  /** When it was last opened: by what requests met, or by a probe. */
  #openedAt = Number.NEGATIVE_INFINITY;
  /** The world's epoch when it was opened here: a later word of the world that the node is well closes it. */
  #worldEpoch = -1;
  /** What was sent before says nothing of now: that is when it last began to let requests through. */
  #countsFrom = Number.NEGATIVE_INFINITY;

  /** As it was when somebody last looked. */
  get phase(): Evident {
    return this.#phase;
  }

  /** As of now: a ramp that nothing failed on is over by itself. */
  phaseAt(now: number): Evident {
    if (this.#phase.state === "ramping") this.#become(stepEvident(this.#phase, { type: "time" }, now, 0), now);
    return this.#phase;
  }

  /** It lets nothing through. */
  get isTripped(): boolean {
    return this.#phase.state === "open" || this.#phase.state === "half-open";
  }

  /** When it was last opened. */
  get openedAt(): number {
    return this.#openedAt;
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

  /** Whether an attempt was sent before this breaker was last opened. */
  isLate(sentAt: number): boolean {
    return sentAt < this.#countsFrom;
  }

  /**
   * Counts an attempt, unless it is late. Returns the reason if that opened it. `worldEpoch`: the world's epoch of this
   * node, -1 where the world said nothing yet.
   */
  record(
    { outcome, answered, sentAt }: AttemptResult,
    now: number,
    random: number,
    worldEpoch: number,
  ): TripReason | undefined {
    if (this.isLate(sentAt)) return undefined;
    this.#window.add(outcome, now);
    this.#last.add(outcome, now);
    if (answered) {
      this.#failedRun = 0;
      this.#slowRun = 0;
    } else if (outcome === "failed") {
      this.#failedRun++;
    } else if (outcome === "slow") {
      this.#slowRun++;
    }
    if (outcome === "ok" || outcome === "excluded") return undefined;
    const reason = this.#reasonToOpen(now);
    if (reason) this.trip(now, random, worldEpoch);
    return reason;
  }

  /** Opens it, whatever the window says. */
  trip(now: number, random: number, worldEpoch: number): void {
    this.#become(stepEvident(this.#phase, { type: "trip" }, now, random), now);
    this.#worldEpoch = worldEpoch;
  }

  /** A query of our own ended, where one was due. */
  probed(good: boolean, now: number, random: number): void {
    this.#become(stepEvident(this.#phase, { type: "time" }, now, random), now);
    this.#become(stepEvident(this.#phase, { type: "probe", good }, now, random), now);
  }

  /** The world was letting requests in again when its news stopped: here it begins to. */
  ramp(now: number): void {
    this.#become(stepEvident(this.#phase, { type: "ramp" }, now, 0), now);
  }

  /** The world says that the node is well, or about to be, in this epoch of it. */
  heardWell(worldEpoch: number, now: number): void {
    if (this.#phase.state === "closed" || worldEpoch <= this.#worldEpoch) return;
    this.#become({ state: "closed", epoch: this.#phase.epoch + 1, since: now }, now);
  }

  /** Whether the wait is over, and a query of our own may tell. */
  isProbeDue(now: number): boolean {
    return this.isTripped && leftMs(this.#phase, now) === 0;
  }

  #reasonToOpen(now: number): TripReason | undefined {
    const { state } = this.phaseAt(now);
    const recent = this.totals(now);
    if (state === "ramping" && hasFailedRamp(recent)) return "failed-while-ramping";
    if (state !== "closed" && state !== "ramping") return undefined;
    const [failedRun, slowRun] = [this.#failedRun, this.#slowRun];
    const runs = { failedRun, slowRun, since: failedRun + slowRun };
    return tripReason({ ...(volumeOf(recent) < MIN_VOLUME ? this.#last.totals(now) : recent), ...runs });
  }

  /** What was counted while it let nothing through is forgotten when it does again. */
  #become(phase: Evident, now: number): void {
    const wasTripped = this.isTripped;
    this.#phase = phase;
    if (phase.state === "open") this.#openedAt = phase.since;
    if (!wasTripped || this.isTripped) return;
    this.#countsFrom = now;
    this.#window.clear();
    this.#last.clear();
    this.#failedRun = 0;
    this.#slowRun = 0;
  }
}
