import type { ClientBase } from "pg";
import { explain } from "../prove/explain.ts";
import type { Plan } from "../prove/planNodes.ts";
import type { Candidate } from "./candidate.ts";
import type { RunnableQuery, WorkloadQuery } from "./workload.ts";

/** One query with one sort of values, as it ran without and with an index. */
export interface TrialRun {
  readonly query: WorkloadQuery;
  readonly sample: string;
  readonly before: number;
  readonly after: number;
}

export interface Trial {
  readonly candidate: Candidate;
  /** Of all queries that touch its table, its own and the others. */
  readonly runs: readonly TrialRun[];
  readonly indexBytes: number;
  readonly buildMs: number;
}

/** What ran, by sample. */
export type Baseline = ReadonlyMap<string, { readonly plan: Plan; readonly tables: ReadonlySet<string> }>;

function sampleKey(query: WorkloadQuery, { shape, label }: RunnableQuery["samples"][number]): string {
  return [query.name ?? query.text ?? "", shape ?? "", label].join("\n");
}

/** How every query runs now. One that fails, or takes too long, has no part in a trial. */
export async function baseline(
  clone: ClientBase,
  runnables: readonly RunnableQuery[],
  only?: string,
): Promise<Baseline> {
  const found = new Map<string, { plan: Plan; tables: ReadonlySet<string> }>();
  for (const { query, samples } of runnables) {
    for (const sample of samples) {
      try {
        const plan = await explain(clone, sample.query, { isInTransaction: true, countedRuns: 1 });
        const tables = new Set(plan.nodes.flatMap(({ relation }) => relation ?? []));
        if (only === undefined || tables.has(only)) found.set(sampleKey(query, sample), { plan, tables });
      } catch {
        // `explain` went back to its savepoint.
      }
    }
  }
  return found;
}

/** Builds a candidate in the clone's transaction, and runs all that touches its table again. Leaves the index there. */
export async function trial(
  clone: ClientBase,
  candidate: Candidate,
  { runnables, before }: { readonly runnables: readonly RunnableQuery[]; readonly before: Baseline },
): Promise<Trial> {
  const startedAt = performance.now();
  await clone.query(`CREATE ${candidate.isUnique ? "UNIQUE " : ""}INDEX ${candidate.name} ON ${candidate.definition}`);
  const buildMs = Math.round(performance.now() - startedAt);
  const { rows } = await clone.query<{ bytes: number; has_expressions: boolean }>(
    `SELECT pg_relation_size(indexrelid)::float8 AS bytes, indexprs IS NOT NULL AS has_expressions
    FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE c.relname = $1 AND indrelid = $2::regclass`,
    [candidate.name, candidate.table],
  );
  if (rows[0]?.has_expressions) await clone.query(`ANALYZE ${candidate.table}`);
  const concerned = runnables.filter(({ query, kind }) => kind === "read" || candidate.queries.includes(query));
  const touched = concerned.map(({ query, kind, samples }) => ({
    query,
    kind,
    samples: samples.filter((sample) => before.get(sampleKey(query, sample))?.tables.has(candidate.relation)),
  }));
  const after = await baseline(clone, touched);
  const runs = touched.flatMap(({ query, samples }) =>
    samples.flatMap((sample): TrialRun[] => {
      const key = sampleKey(query, sample);
      const [was, is] = [before.get(key)?.plan, after.get(key)?.plan];
      if (was === undefined || is === undefined) return [];
      const { shape, label } = sample;
      const named = shape === undefined ? label : `${shape}, ${label}`;
      return [{ query, sample: named, before: was.buffers, after: is.buffers }];
    }),
  );
  return { candidate, runs, indexBytes: rows[0]?.bytes ?? 0, buildMs };
}
