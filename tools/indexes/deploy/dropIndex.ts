import type { IndexEntry, Phase } from "../../../sql/indexes/entry.ts";
import { execute } from "./execute.ts";
import type { IndexFacts } from "./facts.ts";
import { note } from "./ledger.ts";
import type { DropReason } from "./nextStep.ts";
import { observe } from "./observe.ts";
import { interrupted, type Run } from "./run.ts";
import type { Outcome } from "./settle.ts";
import { dropStatement } from "./statements.ts";

export interface Drop {
  readonly name: string;
  readonly entry: Pick<IndexEntry, "table" | "columns" | "definition"> & { readonly phase: Phase };
  readonly why: DropReason;
  readonly facts: IndexFacts;
  /** For cleaning up after an interrupt. */
  readonly signal?: AbortSignal;
}

/** Drops concurrently; undefined once the catalogue has it no more. What stood in the way is told otherwise. */
export async function dropIndex(run: Run, drop: Drop): Promise<Outcome | undefined> {
  const { name, entry, why, facts, signal } = drop;
  const statement = dropStatement(name);
  const base = { name, relation: entry.table, phase: entry.phase, action: "drop" as const, statement };
  const ended = await execute(run, {
    statement,
    table: facts.table.oid,
    begun: { ...base, definition: facts.found?.definition, detail: why },
    hasProgress: false,
    ...(signal ? { signal } : {}),
  });
  if (ended.kind === "failed" && ended.failure === "lost")
    return { kind: "postponed", text: "the connection was lost" };
  const [after] = await observe(run.observer, [{ ...entry, name }], [run.builder.pid]);
  if (!after?.found) {
    await note(run.observer, { ...base, state: "done", detail: why });
    return undefined;
  }
  const text =
    ended.kind === "gave-way" ? ended.why : ended.kind === "failed" ? ended.error.message : "it is still there";
  const state = ended.kind === "interrupted" ? "cancelled" : ended.kind === "gave-way" ? "blocked" : "failed";
  await note(run.observer, { ...base, state, definition: facts.found?.definition, detail: text });
  if (ended.kind === "interrupted") throw interrupted();
  const isFinal = ended.kind === "failed" && (ended.failure === "refused" || ended.failure === "impossible");
  return { kind: isFinal ? "failed" : "postponed", text };
}
