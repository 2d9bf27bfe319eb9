import { RAMP_MS } from "./constants.ts";
import { evidentOf, isHeld, type Phase } from "./phase.ts";
import type { TripReason } from "./tripRule.ts";
import type { WorldNode } from "./worldNode.ts";

/** The words in which the history of transitions is told. */

export function evidenceOf(node: WorldNode, reason: TripReason, now: number): string {
  const { ok, failed, slow } = node.window.totals(now);
  const { reporters, colos } = node.quorum(now);
  const told = `${node.failing(now).length} of ${reporters} reporters needed${colos > 1 ? `, in ${colos} colos` : ""}`;
  return `${reason}: ${failed} failed, ${slow} slow, ${ok} answered in 10 s, told by ${told}`;
}

/** Why time alone ended this phase. */
export function endedBy(phase: Phase): string {
  if (isHeld(phase) && phase.state !== "shadow") return "the hold is over";
  switch (evidentOf(phase)?.state) {
    case "open":
      return "the wait is over";
    case "ramping":
      return `nothing failed for ${RAMP_MS / 1_000} s of letting in more and more`;
    default:
      return "the hold is over";
  }
}

/** What was shadowed is told with what it would be. */
export function stateText(phase: Phase): string {
  return phase.state === "shadow" ? `shadow (${phase.under.state})` : phase.state;
}
