import { PROVED_RATIO, WORSE_LEAST_BUFFERS, WORSE_RATIO } from "./constants.ts";
import type { Trial, TrialRun } from "./trial.ts";
import type { WorkloadQuery } from "./workload.ts";

/** `helps`: at least one of its queries reads half or less, and none reads a fifth more than before. */
export type Judgement =
  | { readonly kind: "helps"; readonly best: TrialRun; readonly savedMs: number }
  | { readonly kind: "useless"; readonly best: TrialRun | undefined }
  | { readonly kind: "harms"; readonly worst: TrialRun };

/** Buffers are exact, so they decide; the time saved is the time counted, by the share of buffers saved. */
export function judgeTrial({ candidate, runs }: Trial): Judgement {
  const worst = runs
    .filter(({ before, after }) => after > before * WORSE_RATIO && after - before >= WORSE_LEAST_BUFFERS)
    .toSorted((a, b) => b.after / b.before - a.after / a.before)[0];
  if (worst !== undefined) return { kind: "harms", worst };
  const own = runs.filter(({ query }) => candidate.queries.includes(query));
  const best = own.toSorted((a, b) => a.after / a.before - b.after / b.before)[0];
  if (best === undefined || best.after > best.before * PROVED_RATIO) return { kind: "useless", best };
  return { kind: "helps", best, savedMs: savedMs(runs) };
}

function savedMs(runs: readonly TrialRun[]): number {
  const byQuery = new Map<WorkloadQuery, TrialRun[]>();
  for (const run of runs) byQuery.set(run.query, [...(byQuery.get(run.query) ?? []), run]);
  let saved = 0;
  for (const [query, of] of byQuery) {
    const sum = (pick: (run: TrialRun) => number) => of.reduce((total, run) => total + pick(run), 0);
    const before = sum((run) => run.before);
    if (before > 0) saved += query.totalMs * (1 - sum((run) => run.after) / before);
  }
  return Math.max(0, saved);
}
