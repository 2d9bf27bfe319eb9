import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { UPDATED_COLUMNS } from "../../sql/indexes/updatedColumns.ts";
import type { LintFacts } from "./lint/facts.ts";
import { lintIndexes } from "./lintIndexes.ts";
import { MADE_UP_SAMPLES } from "./madeUpSamples.ts";
import { sampledQueries } from "./sampledQueries.ts";
import { schemaIndexes } from "./schemaIndexes.ts";
import { unsampledQueries } from "./unsampledQueries.ts";

/**
 * `npm run check`: every named query of the application has samples, every entry names queries that there are, and
 * nothing is wrong with an entry that may be deployed. Measures nothing.
 */

const queries = sampledQueries(MADE_UP_SAMPLES);
const names = new Set(queries.map(({ name }) => name));
const facts: LintFacts = {
  constraints: schemaIndexes().constraints,
  updated: UPDATED_COLUMNS,
  texts: queries.flatMap(({ name, samples }) => samples.map(({ shape, query }) => ({ name, shape, text: query.text }))),
};
const deployable = new Set(ENTRIES.filter(({ verdict }) => verdict.kind !== "rejected").map(({ name }) => name));

const troubles = [
  ...(await unsampledQueries(queries)),
  ...ENTRIES.flatMap(({ name, queries: served, proofs }) =>
    [...served, ...proofs.map(({ query }) => query)]
      .filter((query) => !names.has(query))
      .map((query) => `${name} serves the query ${query}, which there is not`),
  ),
  ...lintIndexes(ENTRIES, facts)
    .filter(({ entry }) => deployable.has(entry))
    .map(({ entry, rule, message }) => `${entry}: ${message} (${rule})`),
];

for (const trouble of troubles) console.error(trouble);
process.exitCode = troubles.length === 0 ? 0 : 1;
