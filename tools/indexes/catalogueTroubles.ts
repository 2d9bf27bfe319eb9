import type { IndexEntry } from "../../sql/indexes/entry.ts";
import { UPDATED_COLUMNS } from "../../sql/indexes/updatedColumns.ts";
import { checkedEntries } from "./deploy/checkedEntries.ts";
import { lintIndexes } from "./lintIndexes.ts";
import { parseDefinition } from "./parseDefinition.ts";
import type { SampledQuery } from "./sample.ts";
import { schemaIndexes } from "./schemaIndexes.ts";

/**
 * What is wrong with a catalogue, in words, one a finding: entries that cannot be deployed as they are written, that
 * name queries or shapes which there are not, or in which a lint finds something. A rejected one may have a fault.
 */
export function catalogueTroubles(entries: readonly IndexEntry[], sampled: readonly SampledQuery[]): readonly string[] {
  const broken = brokenEntries(entries);
  if (broken.length > 0) return broken; // nothing else can be read off these
  const texts = sampled.flatMap(({ name, samples }) =>
    samples.map(({ shape, query }) => ({ name, shape, text: query.text })),
  );
  const deployable = new Set(entries.filter(({ verdict }) => verdict.kind !== "rejected").map(({ name }) => name));
  const facts = { constraints: schemaIndexes().constraints, updated: UPDATED_COLUMNS, texts };
  return [
    ...entries.flatMap((entry) => unknownQueries(entry, sampled)),
    ...entries.flatMap(({ name, queries, verdict }) =>
      verdict.kind === "ship" && queries.length === 0 ? [`${name} is to be shipped, and serves no query`] : [],
    ),
    ...lintIndexes(entries, facts)
      .filter(({ entry }) => deployable.has(entry))
      .map(({ entry, rule, message }) => `${entry}: ${message} (${rule})`),
  ];
}

function brokenEntries(entries: readonly IndexEntry[]): readonly string[] {
  const found = entries.flatMap(({ name, definition }) => {
    try {
      parseDefinition(definition);
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
  try {
    checkedEntries(entries);
  } catch (error) {
    found.push((error as Error).message);
  }
  return found;
}

function unknownQueries({ name, queries, proofs }: IndexEntry, sampled: readonly SampledQuery[]): readonly string[] {
  const shapes = new Map(sampled.map((query) => [query.name, query.samples.map(({ shape }) => shape)]));
  const served = queries.filter((query) => !shapes.has(query));
  return [
    ...served.map((query) => `${name} serves the query ${query}, which there is not`),
    ...proofs.flatMap(({ query, shape }) => {
      if (!queries.includes(query)) return [`${name} has a proof for ${query}, and does not serve it`];
      if (shape === undefined || shapes.get(query)?.includes(shape) !== false) return [];
      return [`${name} has a proof for ${query} as ${shape}, which there is not`];
    }),
  ];
}
