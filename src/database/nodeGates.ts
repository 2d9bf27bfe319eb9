import { type Admission, type Ask, admission, type NodeReason, type Refused } from "../breaker/admission/admission.ts";
import { AttemptBudget } from "../breaker/admission/attemptBudget.ts";
import { SPILL_READS_PER_S } from "../breaker/admission/constants.ts";
import { floorShare } from "../breaker/admission/floorShare.ts";
import { type AttemptBurden, InFlightLimit, type Permit } from "../breaker/admission/inFlightLimit.ts";
import { RateGate } from "../breaker/rateGate.ts";
import type { View } from "../exchange/view.ts";
import type { FailureClass } from "./classify.ts";
import type { NodeBreakers } from "./nodeBreakers.ts";

/** Who asks: a request's clock and chance, and whether the breaker acts for it. */
export interface Asker {
  readonly breakerMode: "off" | "observe" | "on";
  /** The clock, in milliseconds. */
  readonly now: () => number;
  /** A number in [0, 1); drawn only where chance decides. */
  readonly random: () => number;
}

/**
 * What stands before each node in this isolate: its breaker, a limit of attempts under way, and the isolate's share of
 * what the world may ask beyond first tries. Decides nothing itself: it brings `admission` its facts.
 */
export class NodeGates {
  readonly #breakers: NodeBreakers;
  readonly #view: View;
  readonly #observed: (would: NodeReason) => void;
  readonly #limits: ReadonlyMap<string, InFlightLimit>;
  readonly #budget = new AttemptBudget();
  readonly #spill = new RateGate({ beginsFull: true });
  /** Reads a second that the world may send the primary in place of its replicas. */
  spillReadsPerS = SPILL_READS_PER_S;

  /** `observed`: told of what would have been refused, where the breaker only observes. */
  constructor(
    nodes: readonly string[],
    breakers: NodeBreakers,
    view: View,
    observed: (would: NodeReason) => void = () => {},
  ) {
    this.#breakers = breakers;
    this.#view = view;
    this.#observed = observed;
    this.#limits = new Map(nodes.map((name) => [name, new InFlightLimit()]));
  }

  /** Whether the attempt may be made; nothing is taken. */
  admission(asker: Asker, node: string, ask: Ask): Admission {
    return this.#decide(asker, node, ask, asker.now(), this.#limitOf(node));
  }

  /** The same, and where it may, the attempt leaves: it takes its permit, and its part of a ramp's rate or a budget. */
  enter(asker: Asker, node: string, ask: Ask): Permit | Refused {
    const now = asker.now();
    const limit = this.#limitOf(node);
    const decided = this.#decide(asker, node, ask, now, limit);
    if (decided.kind === "refused") return decided;
    if (decided.would !== undefined) this.#observed(decided.would);
    if (decided.state === "ramping") this.#breakers.takeRamp(node, this.#breakers.effective(node, now), now);
    if (ask === "retry" || ask === "hedge") this.#budget.take(ask, now);
    if (ask === "spill") this.#spill.take();
    return limit.begin(now);
  }

  /** It ended. Need not be called where its request died: the permit returns by itself. */
  leave(permit: Permit, failure: FailureClass | undefined, now: number): void {
    permit.limit.end(permit, burdenOf(failure), now);
  }

  /** Attempts of this isolate under way there. */
  inFlight(node: string, now: number): number {
    return this.#limitOf(node).inFlight(now);
  }

  /** What is under way there, as a share of what this isolate may send at a time. */
  loadOf(node: string, now: number): number {
    const limit = this.#limitOf(node);
    return limit.inFlight(now) / limit.limit;
  }

  /** Whether another try may be admitted at all: where not, nobody needs to be asked for whom to try. Tosses no coin. */
  mayRetry(now: number): boolean {
    return this.#hasBudget("retry", now, () => 0);
  }

  /** A request came: what may be asked beyond it is a share of these. */
  countTry(now: number): void {
    this.#budget.countTry(now);
  }

  /** A retry leaves by another budget's leave: it counts for the retries all the same. */
  countRetry(now: number): void {
    this.#budget.take("retry", now);
  }

  #decide(asker: Asker, node: string, ask: Ask, now: number, limit: InFlightLimit): Admission {
    const effective = this.#breakers.effective(node, now);
    const isRamping = effective.ratePerS !== null;
    return admission({
      mode: asker.breakerMode,
      ask,
      effective,
      hasRampRoom: !isRamping || this.#breakers.hasRampRoom(node, effective, now, asker.random()),
      inFlight: limit.inFlight(now),
      limit: limit.limit,
      hasBudget: this.#hasBudget(ask, now, asker.random),
    });
  }

  #hasBudget(ask: Ask, now: number, random: () => number): boolean {
    if (ask === "first") return true;
    // The last count of reporters is the best there is, however old: with none at all an isolate counts for itself.
    const reporters = this.#view.breaker?.part.reporters;
    if (ask !== "spill") return this.#budget.hasRoom(ask, floorShare(reporters), now, random());
    return this.#spill.hasRoom("spill", this.spillReadsPerS / Math.max(1, reporters ?? 1), now, random());
  }

  #limitOf(node: string): InFlightLimit {
    const limit = this.#limits.get(node);
    if (!limit) throw new Error(`there is no node ${node}`);
    return limit;
  }
}

/** What an end tells of how much the node can bear. A client that left, and what the caller did wrong, tell nothing. */
function burdenOf(failure: FailureClass | undefined): AttemptBurden {
  switch (failure) {
    case undefined:
      return "good";
    case "slow":
    case "infrastructure":
      return "dropped";
    case "role":
    case "conflict":
    case "configuration":
    case "caller":
    case "abort":
      return "neutral";
    default:
      return failure satisfies never;
  }
}
