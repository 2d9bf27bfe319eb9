import type { IndexEntry } from "../../../sql/indexes/entry.ts";

/** An entry for a test: shipped, with nothing to prove, unless the test says otherwise. */
export function indexEntry(definition: string, rest: Partial<IndexEntry> & Pick<IndexEntry, "name">): IndexEntry {
  return {
    table: definition.split(" ")[0] ?? "",
    columns: [],
    definition,
    phase: 1,
    queries: [],
    proofs: [],
    writeBudget: { walPerInsert: 2, hotLoss: 0 },
    dropRule: "with its test",
    verdict: { kind: "ship" },
    ...rest,
  };
}
