import { NO_EVIDENCE, type NodeEvidence } from "../../../../src/database/nodeEvidence.ts";
import type { NodeHealth } from "../../../../src/health/nodeHealth.ts";
import type { BreakerStateName } from "../../../../src/rpc/parts.ts";

/** Nodes as health sees them, told by ages. */

export const NOW = 1_000_000_000;
export const MINUTE = 60_000;

/** What is known of a node: when it answered, failed and was asked by the application, how long ago in milliseconds. */
export interface Seen {
  readonly answered?: number;
  readonly failed?: number;
  readonly times?: number;
  readonly queried?: number;
  readonly misconfigured?: boolean;
  readonly maySleep?: boolean;
  /** Default: open where it refused us, or failed five times in a row; else closed. */
  readonly state?: BreakerStateName;
  readonly would?: BreakerStateName;
  /** Age of the world's word. */
  readonly word?: number;
  readonly behind?: number;
}

const ago = (ms: number | undefined) => (ms === undefined ? undefined : NOW - ms);

function nodeOf(name: string, seen: Seen): NodeHealth {
  const evidence: NodeEvidence = {
    ...NO_EVIDENCE,
    lastSuccessAt: ago(seen.answered),
    lastFailureAt: ago(seen.failed),
    lastQueryAt: ago(seen.queried),
    failuresInARow: seen.times ?? 0,
    misconfigured: seen.misconfigured ?? false,
  };
  const state = seen.state ?? (evidence.misconfigured || evidence.failuresInARow >= 5 ? "open" : "closed");
  const { would, word = 1_000, behind } = seen;
  return { name, maySleep: seen.maySleep ?? false, evidence, state, would, wordAgeMs: word, behindMs: behind };
}

export const nodesOf = (seen: readonly Seen[]) => seen.map((each, index) => nodeOf(`node-${index + 1}`, each));

export const OPEN: Seen = { failed: 1_000, times: 5 };
export const WELL: Seen = { answered: 2_000 };
export const ASLEEP: Seen = { answered: 10 * MINUTE, queried: 10 * MINUTE, maySleep: true };
export const HELD: Seen = { state: "forced-open" };
