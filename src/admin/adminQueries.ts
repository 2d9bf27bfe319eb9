import type { IsolateState } from "../isolate.ts";

/** How many of each list are shown. */
const SHOWN = 50;

/** `GET /admin/queries`: the slowest and the most frequent named queries of this isolate, since it began. */
export function adminQueries({ database }: IsolateState) {
  const queries = database.statistics.snapshot();
  return {
    scope: "isolate",
    sinceMs: Math.max(0, Date.now() - database.statistics.since),
    queries,
    slowest: queries.toSorted((a, b) => b.totalMs / b.count - a.totalMs / a.count).slice(0, SHOWN),
    mostFrequent: queries.toSorted((a, b) => b.count - a.count).slice(0, SHOWN),
  };
}
