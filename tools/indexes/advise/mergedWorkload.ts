import type { StatementStatistics } from "./statementStatistics.ts";
import type { WorkloadQuery } from "./workload.ts";

/**
 * All nodes' statements and a Worker's queries as one list. Statements that are the application's own get its names,
 * several texts of a name are one query, and of a query that both counted the larger count holds: not both.
 */
export function mergedWorkload(
  nodes: readonly StatementStatistics["statements"][],
  names: ReadonlyMap<string, string>,
  worker: readonly WorkloadQuery[],
): readonly WorkloadQuery[] {
  const statements = new Map<string, WorkloadQuery>();
  for (const { queryId, ...statement } of nodes.flat()) {
    const name = names.get(queryId);
    const key = name ?? queryId;
    const one = { ...statement, name };
    const earlier = statements.get(key);
    statements.set(key, earlier === undefined ? one : sum(earlier, one));
  }
  const merged = [...statements.values()];
  for (const query of worker) {
    const at = merged.findIndex(({ name }) => name === query.name);
    const counted = merged[at];
    if (counted === undefined) merged.push(query);
    else if (query.totalMs > counted.totalMs) merged[at] = query;
  }
  return merged;
}

function sum(one: WorkloadQuery, other: WorkloadQuery): WorkloadQuery {
  return {
    ...one,
    calls: one.calls + other.calls,
    totalMs: one.totalMs + other.totalMs,
    slowMs: Math.max(one.slowMs, other.slowMs),
  };
}
