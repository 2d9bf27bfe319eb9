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
}

/** Where to ask, and why there. */
export interface Choice {
  readonly node: string;
  readonly reason: RouteReason;
}

/**
 * The order in which a read that any node may answer tries them: the replica that answered last (`preferred`), the
 * other replicas from a random one on, the primary, then the nodes that failed a moment ago, owe answers or are out of
 * rotation (better a doubtful node than none), and last a rival primary. `random` is in [0, 1).
 */
export function readCandidates(
  nodes: readonly Candidate[],
  preferred: string | undefined,
  now: number,
  random: number,
): Choice[] {
  const replicas = nodes.filter(isReplica);
  const reasonOfPrimary: RouteReason = replicas.length === 0 ? "any" : "spill";
  const from = Math.floor(random * replicas.length);
  const ordered: Choice[] = [];
  const doubtful: Choice[] = [];
  for (let index = 0; index < replicas.length; index++) {
    const node = replicas[(from + index) % replicas.length];
    if (!node) continue;
    const choice: Choice = { node: node.name, reason: "any" };
    if (!isUsable(node, now)) doubtful.push(choice);
    else if (node.name === preferred) ordered.unshift(choice);
    else ordered.push(choice);
  }
  for (const node of nodes) {
    if (node.role !== "primary") continue;
    (isUsable(node, now) ? ordered : doubtful).push({ node: node.name, reason: reasonOfPrimary });
  }
  ordered.push(...doubtful);
  for (const node of nodes) if (node.role === "rival") ordered.push({ node: node.name, reason: "any" });
  return ordered;
}

function isReplica({ role }: Candidate): boolean {
  return role === "replica" || role === "unknown";
}

function isUsable({ evidence, silentMs, isOut }: Candidate, now: number): boolean {
  return !isOut && evidence.avoidUntil <= now && silentMs < SILENT_AFTER_MS;
}
