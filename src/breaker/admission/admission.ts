import type { Effective } from "../effective.ts";

/** What is asked: an attempt that somebody waits for, one more after a failure, one more beside it, or a replica's work. */
export type Ask = "first" | "retry" | "hedge" | "spill";

/** Why not, by the node. `open`: its breaker's state, whichever it is; the others are this isolate's own bounds. */
export type NodeReason = "open" | "ramping" | "in-flight";

export type RefusalReason = NodeReason | "budget";

/** The verdict a decision was made under, and how old that is. */
type Verdict = Pick<Effective, "state" | "epoch" | "ageMs" | "source">;

interface Admitted extends Verdict {
  readonly kind: "admitted";
  /** In mode `observe`: what would have been said. */
  readonly would: NodeReason | undefined;
}

export interface Refused extends Verdict {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  /** How long it surely stays so; 0 where the next moment may be another. */
  readonly retryAfterMs: number;
}

export type Admission = Admitted | Refused;

/** All that a decision depends on. */
export interface AdmissionFacts {
  /** The breaker's mode. */
  readonly mode: "off" | "observe" | "on";
  readonly ask: Ask;
  readonly effective: Verdict & Pick<Effective, "retryInMs">;
  /** Of a ramping node: this isolate's share of the rate has room. */
  readonly hasRampRoom: boolean;
  /** Attempts of this isolate that are under way there, and how many may be. */
  readonly inFlight: number;
  readonly limit: number;
  /** Of anything but a first try: its budget has room. */
  readonly hasBudget: boolean;
}

/**
 * Whether one attempt may be sent to one node: mode, breaker, in-flight limit, then the budget of what is asked; the
 * first that says no is the reason. A refusal is a value and costs no more than its opposite. In modes other than `on`
 * breaker and limit do not act. Budgets always do: what is asked beyond a first try is our own doing, and no switch
 * that takes the breaker away may make an outage larger.
 */
export function admission({
  mode,
  ask,
  effective,
  hasRampRoom,
  inFlight,
  limit,
  hasBudget,
}: AdmissionFacts): Admission {
  const { state, epoch, ageMs, source } = effective;
  const byBreaker = mode === "off" ? undefined : breakerReason(effective, hasRampRoom);
  const byNode = byBreaker ?? (mode !== "off" && inFlight >= limit ? "in-flight" : undefined);
  const byBudget = ask === "first" || hasBudget ? undefined : "budget";
  const reason = mode === "on" ? (byNode ?? byBudget) : byBudget;
  if (reason === undefined) return { kind: "admitted", would: byNode, state, epoch, ageMs, source };
  const retryAfterMs = reason === "open" ? effective.retryInMs : 0;
  return { kind: "refused", reason, retryAfterMs, state, epoch, ageMs, source };
}

function breakerReason({ state }: Verdict, hasRampRoom: boolean): NodeReason | undefined {
  switch (state) {
    case "closed":
    case "forced-closed":
    case "shadow":
      return undefined;
    case "ramping":
      return hasRampRoom ? undefined : "ramping";
    case "half-open":
    case "open":
    case "forced-open":
      return "open";
    default:
      return state satisfies never;
  }
}
