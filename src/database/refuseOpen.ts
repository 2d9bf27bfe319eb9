import { DatabaseError } from "./errors.ts";
import type { RequestScope } from "./requestScope.ts";

/** Never less: a client that comes back sooner only meets the same answer. */
const MIN_RETRY_AFTER_MS = 1_000;

/** Whether requests may be sent to the node; always, where the breaker does not act. */
export function isAdmitted({ state, options }: RequestScope, node: string): boolean {
  return options.breakerMode !== "on" || state.breakers.admits(node, options.now());
}

/** Throws `unavailable`, at once and without a question to anybody, where no node is admitted. */
export function refuseWhereAllOpen(scope: RequestScope): void {
  const { nodes } = scope.state;
  if (!nodes.some(({ name }) => isAdmitted(scope, name))) throw openError(scope, "The database does not answer.");
}

/** Throws `unavailable` where this node is not admitted. */
export function refuseWhereOpen(scope: RequestScope, node: string): void {
  if (!isAdmitted(scope, node)) throw openError(scope, `${node} does not answer.`);
}

function openError({ state, options }: RequestScope, message: string): DatabaseError {
  state.instruments.refusal("open");
  if (state.nodes.every(({ name }) => state.evidence(name).misconfigured)) {
    return new DatabaseError("configuration", "The nodes refuse our credentials or database name.");
  }
  const waits = state.nodes.map(({ name }) => state.breakers.effective(name, options.now()).retryInMs);
  return new DatabaseError("unavailable", message, { retryAfterMs: Math.max(MIN_RETRY_AFTER_MS, ...waits) });
}
