import type { IndexEntry, Phase } from "../../../sql/indexes/entry.ts";
import { chosenEntries } from "./chosenEntries.ts";
import { IndexError } from "./indexError.ts";
import type { IndexState } from "./state.ts";

/** The entries of earlier phases that have to be there before this one. */
export function earlierEntries(entries: readonly IndexEntry[], phase: Phase): readonly IndexEntry[] {
  return ([1, 2, 3] as const).filter((each) => each < phase).flatMap((each) => chosenEntries(entries, each));
}

/** What an earlier phase lacks, one line an index; empty: the phase may begin. */
export function missing(earlier: readonly { readonly entry: IndexEntry; readonly state: IndexState }[]): string[] {
  return earlier.flatMap(({ entry, state }) =>
    state.kind === "valid-same" || state.kind === "skipped"
      ? []
      : [`${entry.name} (phase ${entry.phase}) is ${state.kind}`],
  );
}

export function gateError(phase: Phase, lacks: readonly string[]): IndexError {
  const first = Number(/phase (\d)/.exec(lacks[0] ?? "")?.[1] ?? phase - 1);
  const message = `Phase ${phase} was not begun, an earlier one is incomplete: ${lacks.join(", ")}. Run \`indexes deploy --phase ${first}\` first.`;
  return new IndexError("refused", message);
}
