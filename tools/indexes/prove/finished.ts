import type { ClientBase } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { SampledQuery } from "../sample.ts";
import { failuresOf, type ProofResult, unsampled } from "./checkProofs.ts";
import { type ComparedSample, compareSets } from "./compareSets.ts";
import { MOST_BATCHES } from "./constants.ts";
import type { IndexSets } from "./indexSets.ts";
import { costOf, type Measured, measure } from "./measure.ts";
import { ProofError } from "./proofError.ts";

/** A proof of a query that has nothing left to do, with the entry and without any index. */
export interface Finished {
  readonly proof: ProofResult;
  /** Undefined: it could not be measured, as `proof` says. */
  readonly compared?: ComparedSample;
}

/**
 * Takes the proofs of clean-ups where their queries find nothing any more: sends each until it changes no row, and
 * keeps that. For the end of a run: rows are gone afterwards. The set that is there has none of the entries.
 */
export async function measureFinished(
  client: ClientBase,
  entries: readonly IndexEntry[],
  { sets, queries }: { readonly sets: IndexSets; readonly queries: readonly SampledQuery[] },
): Promise<readonly Finished[]> {
  const found: Finished[] = [];
  for (const entry of entries) {
    for (const proof of entry.proofs.filter(({ isFinished }) => isFinished)) {
      const sampled = queries.find(({ name }) => name === proof.query);
      const [sample] = sampled?.samples ?? [];
      if (!sampled || !sample) {
        found.push({ proof: unsampled(entry.name, proof) });
        continue;
      }
      await finish(client, sampled.name, sample.query);
      await client.query(`VACUUM ANALYZE ${entry.table}`);
      const one = [{ ...sampled, samples: [{ ...sample, shape: "finished" }] }];
      const without = await measure(client, one, { countedRuns: 1 });
      await sets.add(entry);
      const withIt = await measure(client, one, { countedRuns: 1 });
      await sets.drop(entry.name);
      const [measured] = withIt;
      const [compared] = compareSets(without, withIt);
      if (!measured || !compared) throw new ProofError(`${proof.query} was not measured.`);
      found.push({ compared, proof: result(entry, compared.key, measured, proof.maxBuffers.common) });
    }
  }
  return found;
}

function result(entry: IndexEntry, sample: string, measured: Measured, maxBuffers: number): ProofResult {
  const failures = failuresOf(entry, { isOrdered: false }, measured, maxBuffers);
  return { entry: entry.name, sample, buffers: costOf(measured), maxBuffers, failures };
}

async function finish(
  client: ClientBase,
  name: string,
  { text, values }: { text: string; values: readonly unknown[] },
) {
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { rowCount } = await client.query(text, [...values]);
    if (rowCount === 0) return;
  }
  throw new ProofError(`${name} still found something after ${MOST_BATCHES} batches.`);
}
