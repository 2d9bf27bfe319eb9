import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { looksLike } from "../deploy/looksLike.ts";
import type { Candidate } from "./candidate.ts";
import type { IndexFacts } from "./indexFacts.ts";
import type { WorkloadQuery } from "./workload.ts";

/** Entries of the catalogue, shipped or optional, that the database has not, and a query that is slow or frequent wants. */
export function catalogueCandidates(
  entries: readonly IndexEntry[],
  indexes: readonly IndexFacts[],
  worthwhile: readonly WorkloadQuery[],
  /** `table.column` of all that the database has. */
  columns: ReadonlySet<string>,
): readonly Candidate[] {
  const names = new Set(indexes.map(({ name }) => name));
  return entries.flatMap((entry): Candidate[] => {
    const { name, table, definition, isUnique = false, phase, verdict } = entry;
    const queries = worthwhile.filter((query) => query.name !== undefined && entry.queries.includes(query.name));
    if (verdict.kind === "rejected" || queries.length === 0 || names.has(name)) return [];
    if (!entry.columns.every((column) => columns.has(`${table}.${column}`))) return [];
    if (
      indexes.some((index) => index.schema === "public" && index.table === table && looksLike(entry, index.definition))
    )
      return [];
    const when = verdict.kind === "optional" ? verdict.when : undefined;
    const place = { schema: "public", relation: table, table };
    return [{ name, ...place, definition, isUnique, origin: { kind: "catalogue", phase, when }, queries }];
  });
}
