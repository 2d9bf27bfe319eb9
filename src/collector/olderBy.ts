import type { Standing } from "../rpc/report.ts";

/** What a reporter thought of nodes, as told later: all that it speaks of is older by then. */
export function olderBy(standing: readonly Standing[], ms: number): Standing[] {
  const add = (ageMs: number | null) => (ageMs === null ? null : ageMs + Math.max(0, ms));
  return standing.map((word) => ({
    ...word,
    successAgeMs: add(word.successAgeMs),
    failureAgeMs: add(word.failureAgeMs),
    queryAgeMs: add(word.queryAgeMs),
  }));
}
