import type { HeatSummary } from "./spaceSaving.ts";

/**
 * `[key, hits]`, most first: how often each surely came. Rather too few than too many: keys that came once each take each
 * other's counter over, and would all look hot by the counts alone.
 */
export function surelyHit({ counters }: HeatSummary): [key: string, hits: number][] {
  const hits = counters.map(({ key, count, error }): [string, number] => [key, count - error]);
  return hits.sort(([, a], [, b]) => b - a);
}
