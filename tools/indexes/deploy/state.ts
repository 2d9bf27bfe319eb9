import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { definitionBody } from "./definitionBody.ts";
import type { Busy, IndexFacts } from "./facts.ts";

/** What an index is, by the catalogue's facts alone. */
export type IndexState =
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "absent" }
  | { readonly kind: "building"; readonly busy: Busy }
  | { readonly kind: "leftover"; readonly isReady: boolean; readonly rejectsWrites: boolean }
  | { readonly kind: "half-dropped" }
  | { readonly kind: "valid-same"; readonly definition: string }
  | { readonly kind: "valid-different"; readonly definition: string; readonly constraint: string | undefined }
  /** The name belongs to something that is not an index of this table. */
  | { readonly kind: "taken"; readonly by: string };

/** Compares a printed definition with what the entry wants; by the server's own printing, or by a guess. */
export type IsWanted = (definition: string) => boolean;

/** Pure: facts in, state out. The order matters: an index that somebody builds is invalid as well. */
export function stateOf(facts: IndexFacts, isWanted: IsWanted): IndexState {
  const { table, found, busy, last } = facts;
  const reason = skipReasonOf(facts);
  if (reason !== undefined) return { kind: "skipped", reason };
  if (!found) return { kind: "absent" };
  if (found.onTable === undefined) return { kind: "taken", by: "a table, view or sequence" };
  if (!found.isOnOurTable || table.oid === undefined) return { kind: "taken", by: `an index of ${found.onTable}` };
  if (busy) return { kind: "building", busy };
  if (!found.isValid) {
    if (!found.isLive || isDropUnfinished(last)) return { kind: "half-dropped" };
    return { kind: "leftover", isReady: found.isReady, rejectsWrites: found.isReady && found.isUnique };
  }
  const { definition, constraint } = found;
  return isWanted(definition)
    ? { kind: "valid-same", definition }
    : { kind: "valid-different", definition, constraint };
}

/** The printed body that the catalogue's text stands for, if the ledger has seen the server print it. */
export function knownBody(facts: IndexFacts, statement: string): string | undefined {
  const { last } = facts;
  return last?.statement === statement && last.definition !== undefined ? definitionBody(last.definition) : undefined;
}

/** A drop that begun and was not done leaves the same flags as a build that was cancelled in its last phase. */
function isDropUnfinished(last: IndexFacts["last"]): boolean {
  return last?.action === "drop" && last.state !== "done";
}

function skipReasonOf({ table, found }: IndexFacts): string | undefined {
  if (table.oid === undefined) return "the database has no such table";
  if (found?.kind === "I" && found.isOnOurTable) {
    return "an index of a partitioned table: it becomes valid when each partition's index is attached";
  }
  if (table.kind === "p") return "the table is partitioned: build it on each partition, and attach those";
  if (table.kind !== "r" && table.kind !== "m") return "it is no table";
  if (table.missingColumns.length > 0) return `the table has no column ${table.missingColumns.join(", ")}`;
  if (table.missingOpclasses.length > 0) {
    return `the database has no operator class ${table.missingOpclasses.join(", ")}: it comes with an extension`;
  }
  return undefined;
}

/** Operator classes that a definition names: those of extensions may not be there. */
export function namedOpclasses({ definition }: Pick<IndexEntry, "definition">): string[] {
  return [...new Set(definition.match(/\b[a-z_]\w*_ops\b/g) ?? [])];
}
