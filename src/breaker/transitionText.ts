import { RAMP_MS } from "./constants.ts";
import { evidentOf, type Phase } from "./phase.ts";
import type { TripReason } from "./tripRule.ts";
import type { WorldNode } from "./worldNode.ts";

/** The words in which the history of transitions is told. */

export function evidenceOf(node: WorldNode, reason: TripReason, now: number): string {
  const { ok, failed, slow } = node.window.totals(now);
  const { reporters, colos } = node.quorum(now);
  const told = `${node.failing(now).length} of ${reporters} reporters needed${colos > 1 ? `, in ${colos} colos` : ""}`;
  return `${reason}: ${failed} failed, ${slow} slow, ${ok} answered in 10 s, told by ${told}`;
}

/** Why time alone ended what evidence made of it: a wait, or a ramp; no other state ends so. */
export function endedBy(phase: Phase): string {
  const isRamping = evidentOf(phase)?.state === "ramping";
  return isRamping ? `nothing failed for ${RAMP_MS / 1_000} s of letting in more and more` : "the wait is over";
}

/** What was shadowed is told with what it would be. */
export function stateText(phase: Phase): string {
  return phase.state === "shadow" ? `shadow (${phase.under.state})` : phase.state;
}
