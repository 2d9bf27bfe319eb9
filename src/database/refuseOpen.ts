import type { RefusalReason, Refused } from "../breaker/admission/admission.ts";
import { DatabaseError } from "./errors.ts";
import type { RequestScope } from "./requestScope.ts";

/** Never less: a client that comes back sooner only meets the same answer. */
const MIN_RETRY_AFTER_MS = 1_000;

/** Whether a request may be sent to the node; always, where the breaker does not act. */
export function isAdmitted(scope: RequestScope, node: string): boolean {
  return scope.admission(node).kind === "admitted";
}

/**
 * Throws `unavailable`, at once and without a question to anybody, where no node is admitted. Of several reasons that of
 * the node that is nearest to admitting is told.
 */
export function refuseWhereNoneAdmits(scope: RequestScope): void {
  const refusals: Refused[] = [];
  for (const { name } of scope.state.nodes) {
    const decided = scope.admission(name);
    if (decided.kind === "admitted") return;
    refusals.push(decided);
  }
  const [nearest] = refusals.toSorted((a, b) => NEAREST.indexOf(a.reason) - NEAREST.indexOf(b.reason));
  if (nearest) throw refusedError(scope, nearest);
}

/** What a refusal ends a request with; it is counted by its reason. */
export function refusedError({ state, options }: RequestScope, { reason }: Refused): DatabaseError {
  state.instruments.refusal(reason === "ramping" ? "open" : reason);
  if (state.nodes.every(({ name }) => state.evidence(name).misconfigured)) {
    return new DatabaseError("configuration", "The nodes refuse our credentials or database name.");
  }
  const waits = state.nodes.map(({ name }) => state.breakers.effective(name, options.now()).retryInMs);
  return new DatabaseError("unavailable", SENTENCE[reason], { retryAfterMs: Math.max(MIN_RETRY_AFTER_MS, ...waits) });
}

/** What a read ends with that only the primary could answer, and that has as many of the replicas' reads as it may. */
export function spillRefusedError({ state }: RequestScope): DatabaseError {
  state.instruments.refusal("spill");
  return new DatabaseError("unavailable", "The primary is asked as much in place of its replicas as it can bear.", {
    retryAfterMs: MIN_RETRY_AFTER_MS,
  });
}

const NEAREST: readonly RefusalReason[] = ["in-flight", "ramping", "budget", "open"];

const SENTENCE: Readonly<Record<RefusalReason, string>> = {
  open: "The database does not answer.",
  ramping: "The database is coming back, and takes few requests yet.",
  "in-flight": "The database has as many of our requests under way as it can bear.",
  budget: "The database has been asked again as often as it can bear.",
};
