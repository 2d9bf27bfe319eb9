import { CROWD_REPORTERS, CROWD_SPREAD_MS, HARD_HORIZON_MS, RAMP_MS } from "../breaker/constants.ts";
import { admits, type Effective, effective } from "../breaker/effective.ts";
import { LocalBreaker } from "../breaker/localBreaker.ts";
import type { Outcome } from "../breaker/outcomeWindow.ts";
import { RampGate } from "../breaker/rampGate.ts";
import type { Ledger } from "../exchange/ledger.ts";
import type { View } from "../exchange/view.ts";
import type { BreakerStateName } from "../rpc/parts.ts";
import type { OutcomeKind, Standing } from "../rpc/report.ts";
import type { FailureClass } from "./classify.ts";

/** A probe takes a second at most: more often it would only meet the one before. */
const DRAW_EVERY_MS = 1_000;

/** A failure is told after this long, and the next ones this much later. */
const TELL_FAILURE_AFTER_MS = 500;
const TELL_FAILURE_EVERY_MS = 5_000;

/** An attempt that ended: `failure` undefined means that it was answered. */
export interface AttemptEnd {
  readonly node: string;
  readonly kind: OutcomeKind;
  readonly failure: FailureClass | undefined;
  /** When it was sent; the moment of its end where that is not known. */
  readonly sentAt?: number | undefined;
}

/** The breakers of all nodes in this isolate, joined with what the world says of them. */
export class NodeBreakers {
  readonly #breakers: ReadonlyMap<string, LocalBreaker>;
  readonly #view: View;
  readonly #ledger: Ledger;
  /** The world's epochs of open verdicts that this isolate went on with when news stopped. */
  readonly #inherited = new Map<string, number>();
  /** When a failure is, or was last, told. */
  #toldFailureAt = Number.NEGATIVE_INFINITY;
  /** When a trip is, or was last, told. */
  #tripToldAt = Number.NEGATIVE_INFINITY;
  /** When each node's chance of a probe was last drawn: once in a while, not once a request. */
  readonly #drawnAt = new Map<string, number>();

  /** Until when a request may end that was sent on a ramp: none is looked at twice after that. */
  #rampsUntil = Number.NEGATIVE_INFINITY;
  /** This isolate's share of the ramp of each node that ever had one. */
  readonly #gates = new Map<string, RampGate>();

  constructor(nodes: readonly string[], view: View, ledger: Ledger) {
    this.#breakers = new Map(nodes.map((name) => [name, new LocalBreaker()]));
    this.#view = view;
    this.#ledger = ledger;
  }

  /** Counts the attempt; a node that this opens is told to the world at once. */
  record({ node, kind, failure, sentAt }: AttemptEnd, now: number, random: number): void {
    const breaker = this.#breakers.get(node);
    if (!breaker) return;
    const { outcome, answered } = meaningOf(failure);
    const epoch = this.#view.epochOf(node);
    const wasTripped = breaker.isTripped;
    const isBad = outcome === "failed" || outcome === "slow";
    if (isBad && sentAt !== undefined && this.#isLate(node, breaker, sentAt, now)) {
      this.#ledger.outcome(node, kind, "excluded", epoch);
      return;
    }
    this.#ledger.outcome(node, kind, outcome, epoch);
    breaker.record({ outcome, answered, sentAt: sentAt ?? now }, now, random, epoch);
    // What only configuration can mend does not get better by counting.
    if (failure === "configuration") breaker.trip(now, random, epoch);
    else if (now < this.#rampsUntil) this.#recordRamp(node, isBad, now, random);
    if (!wasTripped && breaker.isTripped) this.#tellTrip(node, now, random);
    else if (isBad) this.#tellFailure(now, random);
  }

  /**
   * Of what was sent while the world lets requests in little by little. Good or bad, it is told at once: few are let
   * through, and the world decides by what they met. The end of the ramp is told by time alone: it must not close what
   * failed on the way there.
   */
  #recordRamp(node: string, isBad: boolean, now: number, random: number): void {
    const gate = this.#gates.get(node);
    if (!gate || !this.#isRamping(node, now)) return;
    this.#ledger.urgent(now);
    if (gate.hasFailed(isBad)) this.#breakers.get(node)?.trip(now, random, this.#view.epochOf(node) + 1);
  }

  /** Of a time before the node was last opened, here or in the world. */
  #isLate(node: string, breaker: LocalBreaker, sentAt: number, now: number): boolean {
    if (breaker.isLate(sentAt)) return true;
    const word = this.#view.word(node, now);
    return word?.verdict !== undefined && sentAt < now - word.ageMs - word.verdict.sinceMs;
  }

  /** Whether the world lets requests in again, little by little, and every failure counts. */
  #isRamping(node: string, now: number): boolean {
    const word = this.#view.word(node, now);
    return word?.verdict?.state === "ramping" && word.ageMs <= word.softMs;
  }

  /**
   * This isolate is protected by its own breaker already: of a crowd the world needs three words, not thousands at once.
   * Drawn once for all nodes that fall together, since the earliest of several draws would come too soon. On a ramp few
   * are let through, and none of the few may wait: the next step follows in a second.
   */
  #tellTrip(node: string, now: number, random: number): void {
    const isCrowd = this.#isCrowd && !this.#isRamping(node, now);
    const isDrawn = isCrowd && this.#tripToldAt > now && this.#tripToldAt <= now + CROWD_SPREAD_MS;
    if (!isDrawn) this.#tripToldAt = now + (isCrowd ? random * CROWD_SPREAD_MS : 0);
    this.#ledger.urgent(this.#tripToldAt);
  }

  get #isCrowd(): boolean {
    return (this.#view.breaker?.part.reporters ?? 0) > CROWD_REPORTERS;
  }

  /**
   * Where isolates have few visitors none of them may see five failures in a row; together they do. Told after a
   * breath, in a crowd after any trip of the same moment would be, so that a trip that follows goes along; and not more
   * often than writes are.
   */
  #tellFailure(now: number, random: number): void {
    const crowdMs = this.#isCrowd ? (1 + random) * CROWD_SPREAD_MS : 0;
    const at = Math.max(now + TELL_FAILURE_AFTER_MS + crowdMs, this.#toldFailureAt + TELL_FAILURE_EVERY_MS);
    if (this.#ledger.urgentAt !== undefined && this.#ledger.urgentAt <= at) return;
    this.#toldFailureAt = at;
    this.#ledger.urgent(at);
  }

  /** What counts for the node now. */
  effective(node: string, now: number): Effective {
    const breaker = this.#breakers.get(node);
    if (!breaker) throw new Error(`there is no node ${node}`);
    return effective(breaker.phaseAt(now), this.#view.word(node, now), now);
  }

  /** Whether the node is one to send requests to at all. Asking changes nothing. */
  admits(node: string, now: number): boolean {
    return admits(this.effective(node, now));
  }

  /**
   * For how long requests have been let in there without limit, here and in the world: 0: they are not; infinite: they
   * always were, or somebody ordered it.
   */
  closedForMs(node: string, now: number): number {
    const { state } = this.effective(node, now);
    if (state === "forced-closed" || state === "shadow") return Number.POSITIVE_INFINITY;
    if (state !== "closed") return 0;
    const word = this.#view.word(node, now);
    const local = this.#breakers.get(node)?.phaseAt(now);
    const here = local?.state === "closed" && local.epoch > 0 ? now - local.since : Number.POSITIVE_INFINITY;
    const isSince = word?.verdict?.state === "closed" && word.verdict.epoch > 0;
    const there = isSince ? word.verdict.sinceMs + word.ageMs : here;
    return Math.max(0, Math.min(here, there));
  }

  /** Of a node that ramps up: whether this isolate's share of the rate has room for one more. Else there always is. */
  hasRampRoom(node: string, { scope, epoch, ratePerS }: Effective, now: number, random: number): boolean {
    if (ratePerS === null) return true;
    const gate = this.#gates.get(node) ?? new RampGate();
    this.#gates.set(node, gate);
    return gate.hasRoom(`${scope} ${epoch}`, ratePerS, now, random);
  }

  /** An attempt is sent there: where it ramps up, it takes one of this isolate's share. */
  takeRamp(node: string, { ratePerS }: Effective, now: number): void {
    if (ratePerS === null) return;
    this.#rampsUntil = now + RAMP_MS;
    this.#gates.get(node)?.take();
  }

  local(node: string): LocalBreaker | undefined {
    return this.#breakers.get(node);
  }

  /** What a report says of the nodes. */
  standing(seen: (node: string) => Pick<Standing, "successAgeMs" | "failureAgeMs" | "queryAgeMs">): Standing[] {
    return Array.from(this.#breakers, ([node, breaker]) => ({
      node,
      epoch: this.#view.epochOf(node),
      failedRun: breaker.failedRun,
      slowRun: breaker.slowRun,
      tripped: breaker.isTripped,
      ...seen(node),
    }));
  }

  /** The view is another: the world's later word that a node is well, or about to be, closes it here. */
  heardWorld(now: number): void {
    for (const [node, breaker] of this.#breakers) {
      const word = this.#view.word(node, now);
      const isWell = word?.verdict?.state === "closed" || word?.verdict?.state === "ramping";
      if (isWell && word.ageMs <= word.softMs) breaker.heardWell(word.verdict.epoch, now);
    }
  }

  /** News stopped: an open verdict of the world is now this isolate's own, with its own probes; a ramp is its own ramp. */
  inherit(now: number, random: number): void {
    for (const [node, breaker] of this.#breakers) {
      const word = this.#view.word(node, now);
      if (!word?.verdict || word.ageMs <= word.softMs || word.ageMs > HARD_HORIZON_MS) continue;
      const { state, epoch } = word.verdict;
      if (breaker.phaseAt(now).state !== "closed" || this.#inherited.get(node) === epoch) continue;
      if (state === "ramping") breaker.ramp(now);
      else if (isLeased(state)) breaker.trip(now, random, epoch);
      else continue;
      this.#inherited.set(node, epoch);
    }
  }

  /**
   * Nodes that this isolate shall probe by itself: the world says that they are well, so it is this isolate's own
   * trouble; or the world says nothing, and then it does so with a chance that keeps probes few in the world.
   */
  probesDue(now: number, random: () => number, probesInTheWorld: number): string[] {
    return Array.from(this.#breakers).flatMap(([node, breaker]) => {
      if (!breaker.isProbeDue(now) || now - (this.#drawnAt.get(node) ?? 0) < DRAW_EVERY_MS) return [];
      const word = this.#view.word(node, now);
      const isFresh = word?.verdict !== undefined && word.ageMs <= word.softMs;
      if (isFresh && (isLeased(word.verdict.state) || word.verdict.state === "forced-open")) return [];
      this.#drawnAt.set(node, now);
      const reporters = Math.max(1, this.#view.breaker?.part.reporters ?? 1);
      // A word of before it was opened here says nothing of why: thousands may hold it, and have opened the node since.
      const isSince = isFresh && now - word.ageMs > breaker.openedAt;
      return isSince || random() < probesInTheWorld / reporters ? [node] : [];
    });
  }

  probed(node: string, good: boolean, now: number, random: number): void {
    this.#breakers.get(node)?.probed(good, now, random);
  }
}

/** Whether the world leases the probes that tell of it. */
function isLeased(state: BreakerStateName): boolean {
  return state === "open" || state === "half-open";
}

/** What a failure means for a breaker. A refusal of the caller's mistake is a sign of life, and no success. */
function meaningOf(failure: FailureClass | undefined): { outcome: Outcome; answered: boolean } {
  switch (failure) {
    case undefined:
    case "conflict":
    case "role":
      return { outcome: "ok", answered: true };
    case "caller":
      return { outcome: "excluded", answered: true };
    case "abort":
      return { outcome: "excluded", answered: false };
    case "slow":
      return { outcome: "slow", answered: false };
    case "infrastructure":
    case "configuration":
      return { outcome: "failed", answered: false };
    default:
      return failure satisfies never;
  }
}
