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
}

/** Where to ask, and why there. */
export interface Choice {
  readonly node: string;
  readonly reason: RouteReason;
}

/**
 * The order in which a read that any node may answer tries them: the replica that answered last (`preferred`), the
 * other replicas from a random one on, the primary, then the nodes that failed a moment ago or owe answers (better a doubtful node than
 * none), and last a rival primary. `random` is in [0, 1).
 */
export function readCandidates(
  nodes: readonly Candidate[],
  preferred: string | undefined,
  now: number,
  random: number,
): Choice[] {
  const usable = (node: Candidate) => node.evidence.avoidUntil <= now && node.silentMs < SILENT_AFTER_MS;
  const replicas = rotate(
    nodes.filter((node) => node.role === "replica" || node.role === "unknown"),
    random,
  );
  const primaries = nodes.filter((node) => node.role === "primary");
  const rivals = nodes.filter((node) => node.role === "rival");
  const first = replicas.filter((node) => node.name === preferred && usable(node));
  const others = replicas.filter((node) => node.name !== preferred && usable(node));
  const doubtful = [...replicas, ...primaries].filter((node) => !usable(node));
  const ordered = [...first, ...others, ...primaries.filter(usable), ...doubtful, ...rivals];
  const onlyPrimary = replicas.length === 0;
  return ordered.map(({ name, role }) => ({
    node: name,
    reason: role === "primary" && !onlyPrimary ? "spill" : "any",
  }));
}

function rotate<T>(items: readonly T[], random: number): T[] {
  const start = Math.floor(random * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
