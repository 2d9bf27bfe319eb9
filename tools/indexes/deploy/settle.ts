import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { buildIndex } from "./buildIndex.ts";
import { definitionDiff } from "./definitionDiff.ts";
import type { Did } from "./deployEvent.ts";
import { dropIndex } from "./dropIndex.ts";
import { execute } from "./execute.ts";
import type { IndexFacts } from "./facts.ts";
import { note } from "./ledger.ts";
import { nextStep, type Step } from "./nextStep.ts";
import { observe } from "./observe.ts";
import { interrupted, type Run, waitUntil } from "./run.ts";
import type { SpaceLeft } from "./spaceLeft.ts";
import { type IndexState, stateOf } from "./state.ts";
import { createStatement, qualified, renameStatement, stagingName } from "./statements.ts";
import type { WantedBodies } from "./wantedBodies.ts";

/** What became of an entry; `postponed`: something stood in the way, so another index may go first. */
export type Outcome =
  | { readonly kind: "done"; readonly did: Did; readonly text: string }
  | { readonly kind: "postponed"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string };

export interface Settling {
  readonly run: Run;
  readonly entry: IndexEntry;
  readonly bodies: WantedBodies;
  readonly space: SpaceLeft;
  readonly isReplacing: boolean;
}

/** No pair of states needs more; a state that comes back again and again is somebody else's doing. */
const MOST_STEPS = 12;

/** Observes, takes one step, observes again, until the index is as the catalogue says or cannot be brought there. */
export async function settle(work: Settling): Promise<Outcome> {
  const { run, entry } = work;
  let did: Did = "unchanged";
  for (let round = 0; round < MOST_STEPS; round++) {
    if (run.signal.aborted) throw interrupted();
    const { facts, state, step } = await seen(work);
    switch (step.kind) {
      case "done":
        return { kind: "done", did: await finish(work, facts, did), text: textOf(did) };
      case "skip":
        return { kind: "done", did: "skipped", text: `skipped: ${step.reason}` };
      case "refuse":
        return { kind: "failed", text: refusal(work, step) };
      case "wait":
        await waitUntil(run, entry.name, () => builderInTheWay(work));
        break;
      case "build": {
        const ended = await buildIndex(work, facts, step.at);
        if (ended) return ended;
        if (did === "unchanged") did = step.at === "staging" ? "replaced" : "built";
        break;
      }
      case "drop": {
        const ended = await dropIndex(run, { ...work, name: nameAt(entry, step.at), why: step.why, facts });
        if (ended) return ended;
        did = tellRepair(run, entry, step) ?? did;
        break;
      }
      case "rename": {
        const ended = await rename(work, facts, state);
        if (ended) return ended;
        did = "replaced";
        break;
      }
      default:
        return step satisfies never;
    }
  }
  return { kind: "failed", text: "somebody else changes it at the same time: its state does not stay" };
}

/** The entry and its replacement, and what to do next. */
export async function seen({ run, entry, bodies, isReplacing }: Settling) {
  const wanted = [entry, { ...entry, name: stagingName(entry.name) }];
  const [facts, stagingFacts] = await observe(run.observer, wanted, [run.builder.pid]);
  if (!facts || !stagingFacts) throw new Error("an entry was observed without an answer");
  const isWanted = await bodies.exact(entry, [facts, stagingFacts]);
  const [state, staging] = [stateOf(facts, isWanted), stateOf(stagingFacts, isWanted)];
  return { facts, state, step: nextStep(state, staging, { isReplacing }) };
}

function nameAt({ name }: IndexEntry, at: "name" | "staging"): string {
  return at === "name" ? name : stagingName(name);
}

async function builderInTheWay(work: Settling): Promise<string | undefined> {
  const { step } = await seen(work);
  return step.kind === "wait" ? `pid ${step.busy.pid} is at it already (${step.busy.command})` : undefined;
}

function refusal({ entry, bodies }: Settling, step: Step & { kind: "refuse" }): string {
  switch (step.why) {
    case "different": {
      const diff = definitionDiff(entry, step.found, bodies.body(entry));
      return `the database has another index of this name; --replace builds the catalogue's beside it and swaps them\n${diff}`;
    }
    case "constraint":
      return `the index of this name belongs to the constraint ${step.found}: it cannot be replaced (2BP01)`;
    case "taken":
      return `the name belongs to ${step.found}: rename one of them`;
    default:
      return step.why satisfies never;
  }
}

function tellRepair(run: Run, entry: IndexEntry, step: Step & { kind: "drop" }): Did | undefined {
  if (step.why === "replaced" || step.why === "stale replacement")
    return step.why === "replaced" ? "replaced" : undefined;
  const cost = step.rejectsWrites ? "; until now it rejected writes that it took for duplicates (23505)" : "";
  run.report({ event: "note", name: entry.name, text: `dropped what an interrupted command had left${cost}` });
  return "repaired";
}

async function rename({ run, entry }: Settling, facts: IndexFacts, state: IndexState): Promise<Outcome | undefined> {
  if (state.kind !== "absent") throw new Error("a name that is taken cannot be renamed to");
  const statement = renameStatement(stagingName(entry.name), entry.name);
  const begun = { name: entry.name, relation: entry.table, phase: entry.phase, action: "rename" as const };
  const ended = await execute(run, {
    statement,
    table: facts.table.oid,
    begun: { ...begun, statement },
    hasProgress: false,
  });
  if (ended.kind === "interrupted") throw interrupted();
  if (ended.kind !== "finished") {
    return { kind: "postponed", text: ended.kind === "failed" ? ended.error.message : ended.why };
  }
  const staging = { ...begun, name: stagingName(entry.name), action: "drop" as const, statement };
  await note(run.observer, { ...staging, state: "done", detail: `renamed to ${entry.name}` });
  return undefined;
}

/** Statistics, and the ledger's word, where either is missing; both may be after a kill. */
async function finish({ run, entry }: Settling, facts: IndexFacts, did: Did): Promise<Did> {
  const { found, last } = facts;
  const statement = createStatement(entry);
  const base = { name: entry.name, relation: entry.table, phase: entry.phase };
  if (last?.statement !== statement || last.definition !== found?.definition || last.state !== "done") {
    const action = last?.isOurs === true ? (last.action === "rename" ? "rename" : "build") : "adopt";
    const detail = did === "unchanged" && action !== "adopt" ? "found finished" : did;
    await note(run.observer, { ...base, action, state: "done", statement, definition: found?.definition, detail });
    if (action === "adopt") return takeStatistics(run, facts, base, "adopted");
  }
  return takeStatistics(run, facts, base, did);
}

async function takeStatistics(
  run: Run,
  { found, table }: IndexFacts,
  base: Pick<IndexEntry, "name" | "phase"> & { relation: string },
  did: Did,
): Promise<Did> {
  if (found?.needsAnalyze !== true) return did;
  const statement = `ANALYZE ${qualified(base.relation)}`;
  const begun = { ...base, action: "analyze" as const, statement };
  const ended = await execute(run, { statement, table: table.oid, begun, hasProgress: false });
  if (ended.kind === "interrupted") throw interrupted();
  await note(run.observer, { ...begun, state: ended.kind === "finished" ? "done" : "failed" });
  const text =
    ended.kind === "finished" ? `${statement} done` : `${statement} was not possible; the next deploy tries again`;
  run.report({ event: "note", name: base.name, text });
  return did;
}

function textOf(did: Did): string {
  return did === "unchanged" ? "is there as it should be" : did;
}
