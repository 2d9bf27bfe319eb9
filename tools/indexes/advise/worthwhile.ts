import { FREQUENT_SHARE, SLOW_MS } from "./constants.ts";
import type { WorkloadQuery } from "./workload.ts";

/** The queries that an index could save something of: slow at times, or a large share of what its counter counted. */
export function worthwhile(queries: readonly WorkloadQuery[]): readonly WorkloadQuery[] {
  const totals = new Map<string, number>();
  for (const { source, totalMs } of queries) totals.set(source, (totals.get(source) ?? 0) + totalMs);
  return queries.filter(
    ({ source, totalMs, slowMs }) =>
      slowMs >= SLOW_MS || (totalMs > 0 && totalMs >= (totals.get(source) ?? 0) * FREQUENT_SHARE),
  );
}
