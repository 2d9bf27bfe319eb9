import type { IndexEntry } from "../../sql/indexes/entry.ts";
import type { LintFacts } from "./lint/facts.ts";
import type { LintFinding } from "./lint/finding.ts";
import { lintHotColumns } from "./lint/hotColumns.ts";
import { lintPinnedColumns } from "./lint/pinnedColumns.ts";
import { lintRedundant } from "./lint/redundant.ts";
import { lintSorting } from "./lint/sorting.ts";

/** Postgres cuts longer names off with a NOTICE only: whoever looks for the whole name never finds it. */
const MAX_NAME_BYTES = 63;

/**
 * What can be seen to be wrong with entries without measuring them. Pure. Those that are rejected may have findings:
 * they are why, or part of it.
 */
export function lintIndexes(entries: readonly IndexEntry[], facts: LintFacts): readonly LintFinding[] {
  return entries.flatMap((entry) => [
    ...lintName(entry),
    ...lintPinnedColumns(entry),
    ...lintRedundant(entry, entries, facts.constraints),
    ...lintSorting(entry, facts.texts),
    ...lintHotColumns(entry, facts.updated),
  ]);
}

function lintName({ name }: IndexEntry): readonly LintFinding[] {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes <= MAX_NAME_BYTES) return [];
  return [
    {
      entry: name,
      rule: "long-name",
      message: `its name has ${bytes} bytes: Postgres keeps ${MAX_NAME_BYTES} of them, and the catalogue never finds it again`,
    },
  ];
}
