import { nodesInOrder } from "../replicas/chooseNode.ts";
import type { Role } from "../replicas/topology.ts";
import { SILENT_AFTER_MS } from "./constants.ts";
import type { RouteReason } from "./database.ts";
import type { NodeEvidence } from "./nodeEvidence.ts";

/** A node as a choice sees it. */
export interface Candidate {
  readonly name: string;
  readonly role: Role;
  readonly evidence: NodeEvidence;
  /** How long it has owed an answer, in milliseconds. */
  readonly silentMs: number;
  /** The world reads from it only where nobody else is. */
  readonly isOut: boolean;
  /** How dear one more read there is. */
  readonly score: number;
}

/** What an order is made under. */
export interface Ordering {
  readonly now: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** There are nodes beside the primary, whether or not they may be asked now: what it is asked is then their work. */
  readonly spills: boolean;
}

/** Where to ask, and why there. */
export interface Choice {
  readonly node: string;
  readonly reason: RouteReason;
  /** It is the primary, asked in place of the replicas. */
  readonly spills?: boolean;
  /** Something speaks against asking it: better it than nobody, and after everybody else. */
  readonly isLast?: boolean;
}

/**
 * The order in which a read that any node may answer tries them: the replicas by how dear they are, with some chance; the
 * primary; then the nodes that failed a moment ago or owe answers (better a doubtful node than none); then those that are
 * out of rotation, whose rows may be old or of a line that is over; and last a rival primary.
 */
export function readCandidates(nodes: readonly Candidate[], { now, random, spills }: Ordering): Choice[] {
  const usable = nodes.filter((node) => isUsable(node, now));
  const doubtful = nodes.filter((node) => !isUsable(node, now) && !node.isOut);
  const out = nodes.filter(({ isOut }) => isOut);
  const inTurn = (some: readonly Candidate[]): Choice[] => [
    ...replicasInOrder(some, random),
    ...some.filter(({ role }) => role === "primary").map(({ name }) => asPrimary(name, spills)),
  ];
  const rivals = nodes
    .filter(({ role }) => role === "rival")
    .map(({ name }): Choice => ({ node: name, reason: "any" }));
  const last = [...inTurn(doubtful), ...inTurn(out), ...rivals].map((choice): Choice => ({ ...choice, isLast: true }));
  return [...inTurn(usable), ...last];
}

/** Replicas as `any` choices, the first drawn by how dear they are. */
export function replicasInOrder(nodes: readonly Candidate[], random: () => number): Choice[] {
  const scored = nodes.filter(isReplica).map(({ name, score }) => ({ node: name, score }));
  return nodesInOrder(scored, random).map((node) => ({ node, reason: "any" }));
}

function asPrimary(node: string, spills: boolean): Choice {
  return spills ? { node, reason: "spill", spills } : { node, reason: "any" };
}

function isReplica({ role }: Candidate): boolean {
  return role === "replica" || role === "unknown";
}

/** Whether nothing speaks against asking it. */
export function isUsable({ evidence, silentMs, isOut }: Candidate, now: number): boolean {
  return !isOut && evidence.avoidUntil <= now && silentMs < SILENT_AFTER_MS;
}
