import type { IndexEntry, Phase } from "../../../sql/indexes/entry.ts";
import { chosenEntries } from "./chosenEntries.ts";
import { observe } from "./observe.ts";
import { type Run, type RunOptions, withRun } from "./run.ts";
import { type IndexState, stateOf } from "./state.ts";
import { WantedBodies } from "./wantedBodies.ts";

export interface Verified {
  readonly entry: IndexEntry;
  readonly state: IndexState;
}

/**
 * Whether every index that ships is valid and exactly what the catalogue says, up to that phase. What the ledger has
 * not seen printed is rehearsed on an empty temporary table; everything is read in new sessions.
 */
export function verify(
  options: RunOptions & { readonly entries: readonly IndexEntry[]; readonly phase?: Phase | undefined },
): Promise<readonly Verified[]> {
  const phases = ([1, 2, 3] as const).filter((each) => each <= (options.phase ?? 3));
  const chosen = phases.flatMap((each) => chosenEntries(options.entries, each));
  return withRun(options, async (run) => {
    const bodies = new WantedBodies(run);
    const verified: Verified[] = [];
    for (const entry of chosen) verified.push(await verifyOne(run, bodies, entry));
    return verified;
  });
}

async function verifyOne(run: Run, bodies: WantedBodies, entry: IndexEntry): Promise<Verified> {
  const [facts] = await observe(run.observer, [entry], [run.builder.pid]);
  if (!facts) throw new Error("an entry was observed without an answer");
  return { entry, state: stateOf(facts, await bodies.exact(entry, [facts])) };
}
