import type { IndexEntry, Phase } from "../../../sql/indexes/entry.ts";
import { IndexError } from "./indexError.ts";

/** The entries of a phase: those that ship, and the optional ones that were asked for by name. */
export function chosenEntries(
  entries: readonly IndexEntry[],
  phase: Phase,
  optional: readonly string[] = [],
): readonly IndexEntry[] {
  for (const name of optional) {
    const entry = entries.find((each) => each.name === name);
    if (!entry) throw new IndexError("refused", `The catalogue has no index ${name}: \`indexes plan\` lists them.`);
    if (entry.verdict.kind === "rejected") {
      throw new IndexError("refused", `${name} is rejected by the catalogue: ${entry.verdict.reason}.`);
    }
    if (entry.phase !== phase) {
      throw new IndexError("refused", `${name} belongs to phase ${entry.phase}: deploy it with that one.`);
    }
  }
  return entries.filter(
    (entry) => entry.phase === phase && (entry.verdict.kind === "ship" || optional.includes(entry.name)),
  );
}
