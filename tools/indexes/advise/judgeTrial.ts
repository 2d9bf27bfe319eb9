import { PROVED_RATIO, WORSE_LEAST_BUFFERS, WORSE_RATIO } from "./constants.ts";
import type { Trial, TrialRun } from "./trial.ts";
import type { WorkloadQuery } from "./workload.ts";

/** Buffers of one query, of all its samples together. */
interface QueryTotal {
  readonly query: WorkloadQuery;
  readonly before: number;
  readonly after: number;
}

/**
 * `helps`: at least one run of its own queries reads half or less, and no query as a whole reads a fifth more; `worse`
 * are single runs that do, the worst first. Counters do not tell with which values a query is asked, so all count alike.
 */
export type Judgement =
  | {
      readonly kind: "helps";
      readonly best: TrialRun;
      readonly worse: readonly TrialRun[];
      readonly savedMs: number;
    }
  | { readonly kind: "useless"; readonly best: TrialRun | undefined }
  | { readonly kind: "harms"; readonly worst: QueryTotal };

/** Buffers are exact, so they decide; the time saved is the time counted, by the share of buffers saved. */
export function judgeTrial({ candidate, runs }: Trial): Judgement {
  const totals = totalsOf(runs);
  const worst = totals.filter(isWorse).toSorted(byGrowth)[0];
  if (worst !== undefined) return { kind: "harms", worst };
  const own = runs.filter(({ query }) => candidate.queries.includes(query));
  const best = own.toSorted(byGrowth).at(-1);
  if (best === undefined || best.after > best.before * PROVED_RATIO) return { kind: "useless", best };
  return { kind: "helps", best, worse: runs.filter(isWorse).toSorted(byGrowth), savedMs: savedMs(totals) };
}

function isWorse({ before, after }: Pick<TrialRun, "before" | "after">): boolean {
  return after > before * WORSE_RATIO && after - before >= WORSE_LEAST_BUFFERS;
}

function byGrowth(one: Pick<TrialRun, "before" | "after">, other: Pick<TrialRun, "before" | "after">): number {
  return other.after / other.before - one.after / one.before;
}

function totalsOf(runs: readonly TrialRun[]): readonly QueryTotal[] {
  const totals = new Map<WorkloadQuery, QueryTotal>();
  for (const { query, before, after } of runs) {
    const earlier = totals.get(query) ?? { before: 0, after: 0 };
    totals.set(query, { query, before: earlier.before + before, after: earlier.after + after });
  }
  return [...totals.values()];
}

function savedMs(totals: readonly QueryTotal[]): number {
  const saved = totals.map(({ query, before, after }) => (before > 0 ? query.totalMs * (1 - after / before) : 0));
  return Math.max(
    0,
    saved.reduce((sum, each) => sum + each, 0),
  );
}
