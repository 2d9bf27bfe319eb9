import type { BreakerPart } from "../rpc/parts.ts";
import type { Stamp } from "../rpc/stamp.ts";
import { leftMs } from "./leftMs.ts";
import type { WorldNode } from "./worldNode.ts";

/** What the owner says now: the verdicts, and the health cache. */
export function breakerPart(stamp: Stamp, nodes: readonly WorldNode[], reporters: number, now: number): BreakerPart {
  return {
    ...stamp,
    ageMs: 0,
    reporters,
    nodes: nodes.map(({ name, phase }) => ({
      node: name,
      state: phase.state,
      epoch: phase.epoch,
      sinceMs: Math.max(0, now - phase.since),
      forMs: leftMs(phase, now),
      ...(phase.state === "shadow" ? { would: phase.under.state } : {}),
    })),
    health: nodes.map(({ name, successAt, failureAt, queryAt }) => ({
      node: name,
      successAgeMs: ageOf(successAt, now),
      failureAgeMs: ageOf(failureAt, now),
      queryAgeMs: ageOf(queryAt, now),
    })),
  };
}

function ageOf(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, now - at);
}
