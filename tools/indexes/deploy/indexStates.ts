import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { IndexFacts } from "./facts.ts";
import { observe } from "./observe.ts";
import type { Session } from "./session.ts";
import { type IndexState, stateOf } from "./state.ts";
import { guessed } from "./wantedBodies.ts";

export interface SeenIndex {
  readonly entry: IndexEntry;
  readonly facts: IndexFacts;
  readonly state: IndexState;
}

/** The state of each entry, without any DDL: definitions are compared by the ledger, else by their look. */
export async function indexStates(session: Session, entries: readonly IndexEntry[]): Promise<readonly SeenIndex[]> {
  const all = await observe(session, entries);
  return entries.flatMap((entry, index) => {
    const facts = all[index];
    return facts ? [{ entry, facts, state: stateOf(facts, guessed(entry, facts)) }] : [];
  });
}
