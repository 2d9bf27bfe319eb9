import type { Client } from "pg";
import { sentenceOf } from "../inSentences.ts";
import { sampledQueries } from "../sampledQueries.ts";
import { SampleError } from "../sampleError.ts";
import { takeSamplesInUse } from "../samples.ts";
import type { PlannedStatement } from "./proposedCandidates.ts";
import { queryLabel } from "./queryLabel.ts";
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
    const { samples: taken, missing } = await takeSamplesInUse(clone);
    if (missing.length > 0)
      notes.push(`Nothing to take samples from, so values that no row has: ${missing.join(", ")}.`);
    for (const { name, kind, samples } of sampledQueries(taken)) {
      const counted = workload.find((query) => query.name === name);
      runnables.push({ query: counted ?? uncounted(name), kind, samples });
    }
  } catch (error) {
    const why = error instanceof SampleError ? error.message : sentenceOf(error);
    if (why === undefined) throw error;
    notes.push(`The application's own queries were not run on the clone. ${why}`);
  }
  const unknown: WorkloadQuery[] = [];
  for (const { query, plan } of statements) {
    try {
      const samples = await shapeValues(clone, query.text ?? "", plan);
      const kind = /^[\s(]*(select|with)/i.test(query.text ?? "") ? "read" : "write";
      if (samples === undefined) unknown.push(query);
      else runnables.push({ query, kind, samples });
    } catch (error) {
      const why = sentenceOf(error);
      if (why === undefined) throw error;
      notes.push(`${queryLabel(query)} was not run on the clone. ${why}`);
    }
  }
  if (unknown.length > 0) {
    notes.push(`Not run on the clone, for no values could be found for them: ${unknown.map(queryLabel).join(", ")}.`);
  }
  return { runnables, notes };
}

/** A query that nobody counted: it saves nothing, and can be harmed. */
function uncounted(name: string): WorkloadQuery {
  return { name, text: undefined, source: "worker", calls: 0, totalMs: 0, slowMs: 0 };
}
