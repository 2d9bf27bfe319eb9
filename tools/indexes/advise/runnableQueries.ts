import type { Client } from "pg";
import { sampledQueries } from "../sampledQueries.ts";
import { SampleError } from "../sampleError.ts";
import { takeSamples } from "../samples.ts";
import type { PlannedStatement } from "./proposedCandidates.ts";
import { shapeValues } from "./shapeValues.ts";
import type { RunnableQuery, WorkloadQuery } from "./workload.ts";

/**
 * What can be run on a clone: the application's queries, also those that nobody counted, since an index must not make
 * them worse; and the statements of which only the shape is known, where values for it can be found.
 */
export async function runnableQueries(
  clone: Client,
  workload: readonly WorkloadQuery[],
  statements: readonly PlannedStatement[],
): Promise<{ readonly runnables: readonly RunnableQuery[]; readonly notes: readonly string[] }> {
  const runnables: RunnableQuery[] = [];
  const notes: string[] = [];
  try {
    for (const { name, kind, samples } of sampledQueries(await takeSamples(clone))) {
      const counted = workload.find((query) => query.name === name);
      runnables.push({ query: counted ?? uncounted(name), kind, samples });
    }
  } catch (error) {
    if (!(error instanceof SampleError) && !isOtherSchema(error)) throw error;
    notes.push(`The application's own queries were not run on the clone: ${(error as Error).message}`);
  }
  let unknown = 0;
  for (const { query, plan } of statements) {
    const samples = await shapeValues(clone, query.text ?? "", plan);
    const kind = /^[\s(]*(select|with)/i.test(query.text ?? "") ? "read" : "write";
    if (samples === undefined) unknown++;
    else runnables.push({ query, kind, samples });
  }
  if (unknown > 0) notes.push(`For ${unknown} statements no values could be found: they were not run on the clone.`);
  return { runnables, notes };
}

/** A query that nobody counted: it saves nothing, and can be harmed. */
function uncounted(name: string): WorkloadQuery {
  return { name, text: undefined, source: "worker", calls: 0, totalMs: 0, slowMs: 0 };
}

/** A database of another application lacks the tables. */
function isOtherSchema(error: unknown): boolean {
  return ["42P01", "42703", "42883"].includes((error as { code?: string }).code ?? "");
}
