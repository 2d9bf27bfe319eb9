import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { UPDATED_COLUMNS } from "../../../sql/indexes/updatedColumns.ts";
import { lintIndexes } from "../lintIndexes.ts";
import { MADE_UP_SAMPLES } from "../madeUpSamples.ts";
import { sampledQueries } from "../sampledQueries.ts";
import { schemaIndexes } from "../schemaIndexes.ts";

/** What can be seen to be wrong, without measuring, with entries that are shipped. */
export function lintFindings(entries: readonly IndexEntry[]): readonly string[] {
  const texts = sampledQueries(MADE_UP_SAMPLES).flatMap(({ name, samples }) =>
    samples.map(({ shape, query }) => ({ name, shape, text: query.text })),
  );
  const shipped = new Set(entries.filter(({ verdict }) => verdict.kind === "ship").map(({ name }) => name));
  return lintIndexes(entries, { constraints: schemaIndexes().constraints, updated: UPDATED_COLUMNS, texts })
    .filter(({ entry }) => shipped.has(entry))
    .map(({ entry, rule, message }) => `${entry}: ${message} (${rule}).`);
}
