import { byHeat, type HeatCounter } from "./heatCounter.ts";
import type { HeatSummary } from "./spaceSaving.ts";

/**
 * One summary of what several counted, with bounds that hold of all of it (Agarwal and others 2012): where one has no
 * counter of a key, the key may have come there as often as its smallest counter says. The order of summaries is no matter.
 */
export function mergeSummaries(summaries: readonly HeatSummary[], capacity: number): HeatSummary {
  const unseen = summaries.reduce((sum, { floor }) => sum + floor, 0);
  const merged = new Map<string, { count: number; error: number }>();
  for (const { counters, floor } of summaries) {
    for (const { key, count, error } of counters) {
      const known = merged.get(key) ?? { count: unseen, error: unseen };
      merged.set(key, { count: known.count + count - floor, error: known.error + error - floor });
    }
  }
  const sorted = [...merged].map(([key, each]): HeatCounter => ({ key, ...each })).sort(byHeat);
  return { counters: sorted.slice(0, capacity), floor: Math.max(unseen, sorted[capacity]?.count ?? 0) };
}
