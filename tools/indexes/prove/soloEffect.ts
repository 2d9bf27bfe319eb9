import type { ClientBase } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { SampledQuery } from "../sample.ts";
import { type ComparedSample, compareSets } from "./compareSets.ts";
import type { IndexSets } from "./indexSets.ts";
import { type Measured, measure } from "./measure.ts";
import { readsTouching } from "./readsTouching.ts";

/** What one entry changes for the reads of its table, alone on top of what is there. */
export interface SoloEffect {
  readonly entry: string;
  /** Samples that read more, or less, past the guard; the largest change first. */
  readonly worse: readonly ComparedSample[];
  readonly better: readonly ComparedSample[];
  /** Samples that were looked at. */
  readonly samples: number;
  /** It could not be made here, as an index that needs an extension. */
  readonly trouble?: string;
}

/** Adds one entry to the set that `before` was measured with, and takes it away again. */
export async function soloEffect(
  client: ClientBase,
  entry: IndexEntry,
  {
    sets,
    queries,
    before,
  }: {
    readonly sets: IndexSets;
    readonly queries: readonly SampledQuery[];
    readonly before: readonly Measured[];
  },
): Promise<SoloEffect> {
  try {
    await sets.add(entry);
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error);
    return { entry: entry.name, worse: [], better: [], samples: 0, trouble };
  }
  const touching = readsTouching(entry.table, queries, before);
  const compared = compareSets(before, await measure(client, touching, { countedRuns: 1 }));
  await sets.drop(entry.name);
  const changed = (change: ComparedSample["change"]) =>
    compared.filter((sample) => sample.change === change).toSorted((one, other) => difference(other) - difference(one));
  return { entry: entry.name, worse: changed("worse"), better: changed("better"), samples: compared.length };
}

function difference({ before = 0, after = 0 }: ComparedSample): number {
  return Math.abs(after - before);
}
