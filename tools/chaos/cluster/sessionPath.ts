import type { Operation } from "./history.ts";

/**
 * The requests of whose answers a request knew by the session token that it brought, newest first. Tokens make this
 * exact: of two answers that a client got at once it carries on one, and is owed nothing for the other.
 */
export function sessionPath(operation: Operation, byId: ReadonlyMap<number, Operation>): Operation[] {
  const path: Operation[] = [];
  let at = operation.parent;
  while (at !== null) {
    const parent = byId.get(at);
    if (!parent) break; // older than the bounded log
    path.push(parent);
    at = parent.parent;
  }
  return path;
}
