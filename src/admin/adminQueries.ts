import type { IsolateState } from "../isolate.ts";
import { Histogram } from "../telemetry/histogram.ts";
import type { CollectorTotals } from "./worldTotals.ts";
import { worldTotals } from "./worldTotals.ts";

/** How many of each list are shown. */
const SHOWN = 50;

const MICROS_PER_MS = 1_000;
const MS_PER_S = 1_000;

/**
 * `GET /admin/queries`: the slowest and the most frequent named queries of the world since it counts, from the metrics'
 * own histograms; and all that this isolate saw, with its failures.
 */
export async function adminQueries(state: IsolateState) {
  const { statistics } = state.database;
  const { totals, ageMs, trouble } = await worldTotals(state);
  const world = worldQueries(totals);
  return {
    world: {
      ageMs,
      ...(trouble === undefined ? {} : { trouble }),
      slowest: world.toSorted((a, b) => b.p99Ms - a.p99Ms).slice(0, SHOWN),
      mostFrequent: world.toSorted((a, b) => b.count - a.count).slice(0, SHOWN),
    },
    scope: "isolate",
    sinceMs: Math.max(0, Date.now() - statistics.since),
    queries: statistics.snapshot(),
  };
}

function worldQueries(totals: readonly CollectorTotals[]) {
  const byName = new Map<string, Histogram>();
  for (const { data } of totals) {
    const family = data.histograms.find(({ metric }) => metric === "breakwater_database_query_duration_seconds");
    for (const [[name = ""], sumMicros, buckets] of family?.series ?? []) {
      const histogram = byName.get(name) ?? new Histogram();
      histogram.add({ sumMicros, buckets });
      byName.set(name, histogram);
    }
  }
  return Array.from(byName, ([name, histogram]) => ({
    name,
    count: histogram.count,
    totalMs: Math.round(histogram.sumMicros / MICROS_PER_MS),
    p50Ms: quantileMs(histogram, 0.5),
    p99Ms: quantileMs(histogram, 0.99),
  })).filter(({ count }) => count > 0);
}

function quantileMs(histogram: Histogram, q: number): number {
  return Math.round((histogram.quantile(q) ?? 0) * MS_PER_S * 100) / 100;
}
