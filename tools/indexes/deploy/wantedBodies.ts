import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { definitionBody } from "./definitionBody.ts";
import type { IndexFacts } from "./facts.ts";
import { guarded } from "./guarded.ts";
import { looksLike } from "./looksLike.ts";
import { type Rehearsal, rehearse } from "./rehearse.ts";
import type { Run } from "./run.ts";
import { type IsWanted, knownBody } from "./state.ts";
import { createStatement } from "./statements.ts";

/**
 * Knows what an entry's text looks like when the server prints it: from the ledger, where this server has printed it
 * before, and otherwise by a rehearsal, once a run.
 */
export class WantedBodies {
  readonly #run: Run;
  readonly #rehearsals = new Map<string, Rehearsal>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** The exact comparison for these facts. DDL-free where the ledger knows the definition, or nothing is to compare. */
  async exact(entry: IndexEntry, facts: readonly IndexFacts[]): Promise<IsWanted> {
    const valid = facts.filter(({ found }) => found?.isValid === true && found.isOnOurTable && found.kind === "i");
    const isKnown = ({ found }: IndexFacts) =>
      facts.some((each) => knownBody(each, createStatement(entry)) === definitionBody(found?.definition ?? ""));
    if (valid.every(isKnown)) return () => true; // whatever is valid was printed for this very statement
    const { body } = await this.rehearsal(entry, facts[0]);
    return (definition) => definitionBody(definition) === body;
  }

  async rehearsal(
    entry: IndexEntry,
    facts: Pick<IndexFacts, "table"> | undefined,
    { withSample = false } = {},
  ): Promise<Rehearsal> {
    const known = this.#rehearsals.get(entry.name);
    if (known && (!withSample || known.estimatedBytes !== undefined)) return known;
    const work = () => rehearse(this.#run.builder, entry, { withSample });
    const rehearsal = await guarded(this.#run, facts?.table.oid, work);
    this.#rehearsals.set(entry.name, rehearsal);
    return rehearsal;
  }

  /** What the rehearsal said, if there was one. */
  body({ name }: IndexEntry): string | undefined {
    return this.#rehearsals.get(name)?.body;
  }
}

/** The comparison for commands that send no DDL: by the ledger, else by the look of it. */
export function guessed(entry: IndexEntry, facts: IndexFacts): IsWanted {
  const known = knownBody(facts, createStatement(entry));
  return (definition) => (known !== undefined && known === definitionBody(definition)) || looksLike(entry, definition);
}
