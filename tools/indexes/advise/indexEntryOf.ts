import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { parseDefinition } from "../parseDefinition.ts";
import type { IndexFacts } from "./indexFacts.ts";

/**
 * An index of a database as if it stood in the catalogue and were to be shipped, for the lints. Its budget allows no
 * loss of HOT. Undefined where its definition cannot be read.
 */
export function indexEntryOf({ name, definition, isUnique }: IndexFacts): IndexEntry | undefined {
  const tail = /^CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")+"|\S+) ON (.+)$/s.exec(definition)?.[1] ?? "";
  try {
    const { table } = parseDefinition(tail);
    return {
      name,
      table,
      columns: [],
      definition: tail,
      isUnique,
      phase: 1,
      queries: [],
      proofs: [],
      writeBudget: { walPerInsert: 1, hotLoss: 0 },
      dropRule: "",
      verdict: { kind: "ship" },
    };
  } catch {
    return undefined;
  }
}
