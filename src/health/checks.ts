import { CHECK_PAUSE_MS, CHECK_TRIES, CHECK_TRY_MS, MIN_ATTEMPT_MS } from "../database/constants.ts";
import type { DatabaseState, NodeAccess } from "../database/databaseState.ts";
import { remainingMs } from "../database/deadline.ts";
import { askRole, refreshTopology } from "../database/locatePrimary.ts";
import { isAsleep } from "../database/nodeEvidence.ts";
import type { RequestScope } from "../database/requestScope.ts";
import { CHECK_AFTER_MS, CHECK_EXPIRES_MS, RECHECK_AFTER_MS } from "./constants.ts";
import { lastSeenAt } from "./nodeHealth.ts";

/** When each node's running check began; entries expire, so a check that died with its request blocks nobody. */
export type ChecksInFlight = Map<string, number>;

/** The nodes that nobody in the world asked lately, and that are not asleep. Open ones are probed, not checked. */
export function nodesToCheck(state: DatabaseState, now: number): NodeAccess[] {
  return state.nodes.filter((node) => {
    const evidence = state.joinedEvidence(node.name, now);
    if (isAsleep(node, evidence, now) || !state.breakers.admits(node.name, now)) return false;
    const seenAt = lastSeenAt(evidence);
    const afterMs = evidence.failuresInARow > 0 ? RECHECK_AFTER_MS : CHECK_AFTER_MS;
    return seenAt === undefined || now - seenAt >= afterMs;
  });
}

/** Those of them that no other request is asking now. */
export function dueChecks(state: DatabaseState, inFlight: ChecksInFlight, now: number): NodeAccess[] {
  return nodesToCheck(state, now).filter(({ name }) => {
    const startedAt = inFlight.get(name);
    return startedAt === undefined || now - startedAt >= CHECK_EXPIRES_MS;
  });
}

/**
 * Asks each of these nodes until it answers, at most five times: one check is enough to open a dead node.
 * Learns roles on the way. Never throws.
 */
export async function runChecks(
  scope: RequestScope,
  nodes: readonly NodeAccess[],
  inFlight: ChecksInFlight,
): Promise<void> {
  const { now } = scope.options;
  for (const { name } of nodes) inFlight.set(name, now());
  const changed = await Promise.all(nodes.map(({ name }) => check(scope, name)));
  for (const { name } of nodes) inFlight.delete(name);
  if (changed.some(Boolean)) await refreshTopology(scope, remainingMs(scope.options.deadline, now()));
}

/** One node; true when it says another role than the one we know. */
async function check(scope: RequestScope, node: string): Promise<boolean> {
  for (let attempt = 0; attempt < CHECK_TRIES; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, CHECK_PAUSE_MS));
    const ms = Math.min(CHECK_TRY_MS, remainingMs(scope.options.deadline, scope.options.now()));
    if (ms < MIN_ATTEMPT_MS) return false;
    const report = await askRole(scope, node, ms);
    if (report) return scope.state.topology.roles.get(node) !== (report.inRecovery ? "replica" : "primary");
    if (scope.state.evidence(node).misconfigured) return false;
  }
  return false;
}
