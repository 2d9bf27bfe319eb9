import { definitionBody } from "./definitionBody.ts";
import { dropIndex } from "./dropIndex.ts";
import { duplicates, duplicatesText } from "./duplicates.ts";
import { execute } from "./execute.ts";
import type { IndexFacts } from "./facts.ts";
import { guarded } from "./guarded.ts";
import { IndexError } from "./indexError.ts";
import { note } from "./ledger.ts";
import { observe } from "./observe.ts";
import { transactionsInTheWay } from "./preflight.ts";
import { size } from "./quantities.ts";
import { interrupted } from "./run.ts";
import type { Outcome, Settling } from "./settle.ts";
import { cleanUpStatement, createStatement, stagingName } from "./statements.ts";
import type { Ended } from "./supervise.ts";

/** How long cleaning up after Ctrl-C may take before it is left to the next deploy. */
const CLEAN_UP_MS = 15_000;

/** Builds under the entry's name or its replacement's; undefined once the catalogue has it valid and as wanted. */
export async function buildIndex(
  work: Settling,
  facts: IndexFacts,
  at: "name" | "staging",
): Promise<Outcome | undefined> {
  const { run, entry, bodies, space } = work;
  const inTheWay = await transactionsInTheWay(run, [facts]);
  if (inTheWay !== undefined) return { kind: "postponed", text: `a transaction is older than the budget: ${inTheWay}` };
  const shape = await bodies.rehearsal(entry, facts, { withSample: true });
  const estimatedBytes = shape.estimatedBytes ?? 0;
  const tooLarge = await space.trouble(estimatedBytes);
  if (tooLarge !== undefined) throw new IndexError("space", `${entry.name} was not begun: ${tooLarge}.`);
  if (entry.isUnique === true) {
    const groups = await guarded(run, facts.table.oid, () => duplicates(run.builder, entry, shape));
    if (groups.length > 0) return { kind: "failed", text: duplicatesText(groups) };
  }
  if (estimatedBytes > run.limits.maxLagBytes) {
    const text = `its WAL, about ${size(estimatedBytes)}, may put replicas that far behind for a while`;
    run.report({ event: "note", name: entry.name, text });
  }
  const name = at === "name" ? entry.name : stagingName(entry.name);
  const statement = createStatement(entry, name);
  const base = { name, relation: entry.table, phase: entry.phase, action: "build" as const, statement };
  run.report({ event: "started", name: entry.name, at: name, statement, estimatedBytes });
  const ended = await execute(run, { statement, table: facts.table.oid, begun: base, hasProgress: true });
  if (ended.kind === "failed" && ended.failure === "lost")
    return { kind: "postponed", text: "the connection was lost" };
  const [after] = await observe(run.observer, [{ ...entry, name }], [run.builder.pid]);
  const found = after?.found;
  if (found?.isValid === true && definitionBody(found.definition) === shape.body) {
    space.spend(found.bytes);
    await note(run.observer, { ...base, state: "done", definition: found.definition });
    run.report({ event: "progress", name: entry.name, share: 1, phase: "valid" });
    return undefined;
  }
  return failed(work, { name, base, ended, after });
}

interface Failure {
  readonly name: string;
  readonly base: Omit<Parameters<typeof note>[1], "state">;
  readonly ended: Ended;
  readonly after: IndexFacts | undefined;
}

/** Leaves nothing behind, and says what it means. */
async function failed(work: Settling, { name, base, ended, after }: Failure): Promise<Outcome> {
  const { run, entry, bodies } = work;
  const [state, text] = verdictOf(ended);
  await note(run.observer, { ...base, state, detail: text });
  if (after?.found && !after.found.isValid && !after.busy) {
    const signal = AbortSignal.timeout(CLEAN_UP_MS);
    const dropped = await dropIndex(run, { name, entry, why: "leftover", facts: after, signal }).catch(() => undefined);
    const [left] = await observe(run.observer, [{ ...entry, name }], [run.builder.pid]);
    if (dropped || left?.found) {
      const how = "the next deploy drops what it left, or this does";
      run.report({ event: "note", name: entry.name, text: `${how}: ${cleanUpStatement(name)}` });
    }
  }
  if (ended.kind === "interrupted") throw interrupted();
  if (ended.kind !== "failed") return { kind: "postponed", text };
  switch (ended.failure) {
    case "duplicates": {
      const shape = await bodies.rehearsal(entry, after);
      const groups = await guarded(run, after?.table.oid, () => duplicates(run.builder, entry, shape));
      return { kind: "failed", text: groups.length > 0 ? duplicatesText(groups) : text };
    }
    case "space":
      throw new IndexError(
        "space",
        `${entry.name}: the server has no room for it (${text}). What it left was dropped.`,
      );
    case "refused":
      throw new IndexError("refused", `${entry.name}: the server refused (${text}).`);
    case "impossible":
      return { kind: "failed", text };
    case "blocked":
    case "cancelled":
    case "exists":
    case "lost":
      return { kind: "postponed", text };
    default:
      return ended.failure satisfies never;
  }
}

/** What the ledger says of it, and people. The server's own text of a duplicate would show the key. */
function verdictOf(ended: Ended): ["failed" | "blocked" | "cancelled", string] {
  switch (ended.kind) {
    case "finished":
      return ["failed", "the server said that it was done, and the catalogue has it otherwise"];
    case "interrupted":
      return ["cancelled", "interrupted"];
    case "gave-way":
      return ["blocked", ended.why];
    case "failed":
      return [ended.failure === "cancelled" ? "cancelled" : "failed", ended.error.message];
    default:
      return ended satisfies never;
  }
}
