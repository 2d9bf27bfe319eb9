import type { Tried } from "./hedgedQuery.ts";
import type { RequestScope } from "./requestScope.ts";

/**
 * Whether a replica's recovery cancelled the read: what the primary removed stood in its way. The node is well, and one
 * removal cancels all long reads of all replicas in one moment, more of them than any budget of retries has room for.
 * Another try for that is bounded by the number of tries alone: it can make no outage larger, for there is none.
 */
export function isRecoveryConflict({ state }: RequestScope, { choice, attempt }: Tried): boolean {
  return !attempt.ok && attempt.judgement.class === "conflict" && state.topology.roles.get(choice.node) === "replica";
}
