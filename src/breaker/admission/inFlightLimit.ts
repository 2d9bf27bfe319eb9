import { BACK_OFF, MAX_IN_FLIGHT, MIN_IN_FLIGHT } from "./constants.ts";
import { Permits } from "./permits.ts";

/**
 * How an attempt ended, as far as it tells how much a node can bear. `dropped`: no answer in time, or none at all.
 * `neutral`: the client left, or the answer was another trouble's.
 */
export type AttemptBurden = "good" | "dropped" | "neutral";

/** An attempt under way. */
export interface Permit {
  readonly kind: "permit";
  /** Where it is to be given back. */
  readonly limit: InFlightLimit;
  /** When it began. */
  readonly at: number;
  readonly slot: number;
  /** How many were under way when it began, itself included. */
  readonly inFlight: number;
}

/** What a limit stays within, and where it begins. */
interface Bounds {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

/**
 * A fresh isolate begins at the top: it has seen nothing that would justify a refusal, and drops come down fast (21 of
 * them to the floor). After an outage the limit stands low, so that a node that is just back is not flooded.
 */
const BOUNDS: Bounds = { initial: MAX_IN_FLIGHT, min: MIN_IN_FLIGHT, max: MAX_IN_FLIGHT };

/**
 * How many attempts one isolate may have under way on one node: one more with each good one, a tenth less with each
 * that is dropped (AIMD, as in Netflix's concurrency-limits). It grows only while at least half of it is used: a quiet
 * node proves nothing about a busy one. Durations play no part, so neither time-outs that always take the same time
 * nor health checks at low traffic pass for a fast node.
 */
export class InFlightLimit {
  readonly #permits = new Permits();
  readonly #bounds: Bounds;
  #limit: number;

  constructor(bounds: Bounds = BOUNDS) {
    this.#bounds = bounds;
    this.#limit = bounds.initial;
  }

  get limit(): number {
    return this.#limit;
  }

  inFlight(now: number): number {
    return this.#permits.count(now);
  }

  begin(now: number): Permit {
    const slot = this.#permits.take(now);
    return { kind: "permit", limit: this, at: now, slot, inFlight: this.#permits.total };
  }

  end({ slot, inFlight }: Permit, burden: AttemptBurden, now: number): void {
    this.#permits.giveBack(slot, now);
    const { min, max } = this.#bounds;
    if (burden === "dropped") this.#limit = Math.max(min, Math.floor(this.#limit * BACK_OFF));
    else if (burden === "good" && inFlight * 2 >= this.#limit) this.#limit = Math.min(max, this.#limit + 1);
  }
}
