import type { CounterName } from "../telemetry/catalogue.ts";
import { Histogram } from "../telemetry/histogram.ts";
import { seriesOf } from "./worldReads.ts";
import type { CollectorTotals } from "./worldTotals.ts";

/** What became of a route's requests, in the world since its Collectors count. */
export interface SharedRouteCounts {
  readonly requests: number;
  /** Of all requests, those that a copy answered: fresh, stale and loaded anew behind, old for want of a database. 0 to 1. */
  readonly hitRatio: number | null;
  readonly results: Readonly<Record<string, number>>;
  readonly misses: Readonly<Record<string, number>>;
  /** What was given, by where it lay (`database`: loaded for it): by characters of JSON. */
  readonly bytes: Readonly<Record<string, number>>;
  /** How old the copies were that visitors were given; null: none were. */
  readonly servedAgeSeconds: ServedAge | null;
}

interface ServedAge {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

const HITS = ["fresh", "stale", "error"];

/** By route; and by tier what the questions to it brought. */
export function worldShared(totals: readonly CollectorTotals[]) {
  const results = byFirstLabel(totals, "breakwater_cache_requests_total");
  const misses = byFirstLabel(totals, "breakwater_cache_misses_total");
  const bytes = byFirstLabel(totals, "breakwater_cache_served_bytes_total");
  const routes = Object.fromEntries(
    Object.entries(results).map(([route, counts]): [string, SharedRouteCounts] => {
      const requests = sum(Object.values(counts));
      const hits = sum(HITS.map((result) => counts[result] ?? 0));
      return [
        route,
        {
          requests,
          hitRatio: requests === 0 ? null : rounded(hits / requests),
          results: counts,
          misses: misses[route] ?? {},
          bytes: bytes[route] ?? {},
          servedAgeSeconds: servedAge(totals, route),
        },
      ];
    }),
  );
  return {
    routes,
    tiers: byFirstLabel(totals, "breakwater_cache_tier_reads_total"),
    bytes: summed(Object.values(bytes)),
    servedAgeSeconds: servedAge(totals),
  };
}

/** Of one route, or of all. */
function servedAge(totals: readonly CollectorTotals[], route?: string): ServedAge | null {
  const ages = new Histogram();
  for (const { data } of totals) {
    const family = data.histograms.find(({ metric }) => metric === "breakwater_cache_served_age_seconds");
    for (const [[of], sumMicros, buckets] of family?.series ?? []) {
      if (route === undefined || of === route) ages.add({ sumMicros, buckets });
    }
  }
  const at = (share: number) => rounded(ages.quantile(share) ?? 0);
  return ages.isEmpty ? null : { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

function byFirstLabel(totals: readonly CollectorTotals[], metric: CounterName): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const [[first = "", second = ""], count] of seriesOf(totals, metric)) {
    const own = counts[first] ?? {};
    counts[first] = { ...own, [second]: (own[second] ?? 0) + count };
  }
  return counts;
}

function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
