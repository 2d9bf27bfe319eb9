import { BOUNDS_HEARD_EVERY_MS } from "../replicas/constants.ts";
import { provenWithin } from "../replicas/provenWithin.ts";
import { compareEpochs } from "../replicas/topology.ts";
import { ageOf } from "../rpc/held.ts";
import { type Choice, isUsable, readCandidates, replicasInOrder } from "./candidates.ts";
import { MAX_RETRIES } from "./constants.ts";
import type { RouteReason } from "./database.ts";
import { locatePrimary, primaryIfAny } from "./locatePrimary.ts";
import { isAdmitted } from "./refuseOpen.ts";
import type { RequestScope } from "./requestScope.ts";

/** Whom a read asks, one after the other. */
export interface Plan {
  /** The choice of this turn (0 is the first); undefined: nobody. */
  readonly choose: (turn: number) => Promise<Choice | undefined>;
  /** Turns there are: a refusal costs one, and no try. */
  readonly turns: number;
  /** Tries after the first. */
  readonly maxRetries: number;
  /** Nobody else has the answer: a refusal is the last word. */
  readonly isAlone?: boolean;
  /** Who may be asked beside the first where that is late. */
  readonly hedge?: Choice | undefined;
}

/** The nodes in the order in which any read tries them; those that may be asked at all. */
export function choices(scope: RequestScope): Choice[] {
  const { state, options } = scope;
  const { now, random } = options;
  const admitted = state.candidates(now()).filter(({ name }) => isAdmitted(scope, name));
  return readCandidates(admitted, { now: now(), random, spills: state.nodes.length > 1 });
}

/** Any node will do. */
export function anyNode(scope: RequestScope): Plan {
  return inOrder(choices(scope));
}

/** The primary alone, wherever it is by then. */
export function primaryOnly(scope: RequestScope, reason: RouteReason, maxRetries: number = MAX_RETRIES): Plan {
  const choose = async (turn: number) => ({ node: (await locatePrimary(scope, turn > 0)).node, reason });
  return { choose, turns: maxRetries + 1, maxRetries, isAlone: true };
}

/** The primary, where one may be asked; then whoever else, should it fail. */
export async function primaryFirst(scope: RequestScope, others: readonly Choice[]): Promise<Choice[]> {
  const primary = await primaryIfAny(scope);
  if (primary === undefined || !isAdmitted(scope, primary)) return [...others];
  return [{ node: primary, reason: "strict" }, ...others.filter(({ node }) => node !== primary)];
}

/** The nodes in this order. */
export function inOrder(ordered: readonly Choice[]): Plan {
  return {
    choose: async (turn) => ordered[turn % ordered.length],
    turns: Math.max(ordered.length, MAX_RETRIES + 1),
    maxRetries: MAX_RETRIES,
    hedge: hedgeFor(ordered, 0),
  };
}

/**
 * Replicas that are proven to be behind by no more than `boundMs`, then the primary; nobody else, whoever is left. The
 * world is told, so that it looks at the nodes each second while such reads are asked for.
 */
export function nodesWithin(scope: RequestScope, boundMs: number): Plan {
  scope.state.ledger.boundedAsked();
  const replicas = replicasWithin(scope, boundMs);
  const spills = scope.state.nodes.length > 1;
  const choose = async (turn: number): Promise<Choice> => {
    const replica = replicas[turn];
    if (replica) return replica;
    const { node } = await locatePrimary(scope, turn > replicas.length);
    return { node, reason: "bounded", spills };
  };
  return { choose, turns: replicas.length + MAX_RETRIES, maxRetries: MAX_RETRIES };
}

function replicasWithin(scope: RequestScope, boundMs: number): Choice[] {
  const { state, options } = scope;
  const held = state.view.replicas;
  const now = options.now();
  // What is known of bounds ages with the view, and on a quiet site that is heard of seldom.
  if (held && ageOf(held, now) > BOUNDS_HEARD_EVERY_MS) state.ledger.urgent(now);
  // Of a map that knows of no epoch as new as this isolate met, its bounds are those of another primary.
  if (!held || compareEpochs(held.part.newestEpoch, state.topology.newestEpoch) < 0) return [];
  const proven = provenWithin(held.part, ageOf(held, now), boundMs);
  const mayAnswer = state
    .candidates(now)
    .filter((node) => proven.includes(node.name) && isUsable(node, now) && isAdmitted(scope, node.name));
  return replicasInOrder(mayAnswer, options.random).map(({ node }) => ({ node, reason: "bounded" }));
}

/** The replica after this one in the order. The primary is not asked beside anybody: it has the writes to do. */
export function hedgeFor(ordered: readonly Choice[], turn: number): Choice | undefined {
  const [first, second] = [ordered[turn], ordered[turn + 1]];
  return first && second && isReplica(first) && isReplica(second) ? second : undefined;
}

function isReplica({ reason, isLast }: Choice): boolean {
  if (isLast) return false;
  return reason === "any" || reason === "session" || reason === "moved";
}
