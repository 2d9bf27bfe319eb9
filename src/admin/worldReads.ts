import type { CounterName } from "../telemetry/catalogue.ts";
import type { CollectorTotals } from "./worldTotals.ts";

/** What one node answered, by the reason it was chosen. */
export interface NodeReads {
  /** Of all reads in the world, 0 to 1; null: there were none. */
  readonly share: number | null;
  readonly reasons: Readonly<Record<string, number>>;
}

/** The reads of the world since its Collectors count, by node. */
export function worldReads(totals: readonly CollectorTotals[]): Record<string, NodeReads> {
  const byNode = new Map<string, Map<string, number>>();
  let all = 0;
  for (const [[node = "", reason = ""], count] of seriesOf(totals, "breakwater_database_reads_total")) {
    const reasons = byNode.get(node) ?? new Map<string, number>();
    byNode.set(node, reasons.set(reason, (reasons.get(reason) ?? 0) + count));
    all += count;
  }
  const shareOf = (reasons: Map<string, number>) => [...reasons.values()].reduce((sum, count) => sum + count, 0) / all;
  return Object.fromEntries(
    Array.from(byNode, ([node, reasons]) => [
      node,
      { share: all === 0 ? null : Math.round(shareOf(reasons) * 1_000) / 1_000, reasons: Object.fromEntries(reasons) },
    ]),
  );
}

/** A counter of one label in the world, by that label's values. */
export function worldCounts(totals: readonly CollectorTotals[], metric: CounterName): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [[value = ""], count] of seriesOf(totals, metric)) counts[value] = (counts[value] ?? 0) + count;
  return counts;
}

/** The series of a counter, of all Collectors. */
export function seriesOf(totals: readonly CollectorTotals[], metric: CounterName) {
  return totals.flatMap(({ data }) => data.counters.find((family) => family.metric === metric)?.series ?? []);
}
