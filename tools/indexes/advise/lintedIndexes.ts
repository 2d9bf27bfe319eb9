import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { UPDATED_COLUMNS } from "../../../sql/indexes/updatedColumns.ts";
import { lintIndexes } from "../lintIndexes.ts";
import type { Finding } from "./finding.ts";
import { indexEntryOf } from "./indexEntryOf.ts";
import type { IndexFacts } from "./indexFacts.ts";
import type { TableWrites } from "./tableWrites.ts";

/**
 * What the catalogue's lints say of the indexes that a database has: a column that the index's own predicate holds to
 * one value, one that updates change all the time. What the catalogue allows an entry, its index may have.
 */
export function lintedIndexes(
  indexes: readonly IndexFacts[],
  entries: readonly IndexEntry[],
  tables: ReadonlyMap<string, TableWrites>,
): readonly Finding[] {
  return indexes
    .filter(({ isValid, constraint }) => isValid && constraint === null)
    .flatMap((index): Finding[] => {
      const read = indexEntryOf(index);
      if (read === undefined) return [];
      const known = entries.find(({ name, verdict }) => name === index.name && verdict.kind !== "rejected");
      const entry = { ...read, writeBudget: known?.writeBudget ?? read.writeBudget };
      const found = lintIndexes([entry], { constraints: [], updated: UPDATED_COLUMNS, texts: [] });
      return found.map(({ rule, message, fixed }) => {
        const hotShare = tables.get(`${index.schema}.${index.table}`)?.hotShare ?? null;
        const drop = `DROP INDEX CONCURRENTLY ${index.qualified};`;
        return {
          kind: "lint",
          object: `${index.schema}.${index.name}`,
          sentence: `${rule}: ${message}.`,
          certainty: "certain",
          numbers: {
            scans: index.scans,
            bytes: index.bytes,
            ...(rule === "hot-column" ? { hotShare } : {}),
            ...(fixed === undefined ? {} : { fixed }),
            restore: index.definition,
          },
          command: fixed === undefined ? drop : `CREATE INDEX CONCURRENTLY ON ${fixed};\n${drop}`,
        };
      });
    });
}
