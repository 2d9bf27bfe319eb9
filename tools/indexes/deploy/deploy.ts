import { setTimeout as sleep } from "node:timers/promises";
import type { IndexEntry, Phase } from "../../../sql/indexes/entry.ts";
import { backOff } from "./backOff.ts";
import type { BreakerAccess } from "./breakerGate.ts";
import { chosenEntries } from "./chosenEntries.ts";
import { ASK_EVERY_MS } from "./constants.ts";
import { deadlocksOf } from "./deadlocksOf.ts";
import type { Did } from "./deployEvent.ts";
import { takeDeployLock } from "./deployLock.ts";
import { failureOf } from "./failureOf.ts";
import { IndexError } from "./indexError.ts";
import { requireLedger } from "./ledger.ts";
import { observe } from "./observe.ts";
import { earlierEntries, gateError, missing } from "./phaseGate.ts";
import { refuseOldTransactions, tellPrivileges } from "./preflight.ts";
import { interrupted, pause, type Run, type RunOptions, withRun } from "./run.ts";
import { type Outcome, seen, settle } from "./settle.ts";
import { SpaceLeft } from "./spaceLeft.ts";
import { startGate } from "./startGate.ts";
import { createStatement } from "./statements.ts";
import { WantedBodies } from "./wantedBodies.ts";

export interface DeployOptions extends RunOptions {
  readonly entries: readonly IndexEntry[];
  readonly phase: Phase;
  /** Optional entries of the phase, by name. */
  readonly optional?: readonly string[];
  readonly isReplacing?: boolean;
  readonly breaker?: BreakerAccess;
}

/** What became of each index, as the catalogue has it at the end. */
export interface DeployResult {
  readonly phase: Phase;
  readonly isComplete: boolean;
  readonly indexes: readonly { readonly name: string; readonly did: Did; readonly text: string }[];
  /** Deadlocks in the database meanwhile: an application's transaction may have been the victim (40P01). */
  readonly deadlocks: number;
}

interface Queued {
  readonly entry: IndexEntry;
  readonly attempt: number;
  readonly notBefore: number;
}

/**
 * Brings a phase's indexes to what the catalogue says, one at a time. Safe to stop and to repeat at any point. Throws
 * `IndexError` where it may not begin or cannot go on; an index that fails stops its table, not the others.
 */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  const chosen = chosenEntries(options.entries, options.phase, options.optional);
  return withRun(options, async (run) => {
    await requireLedger(run.observer);
    await takeDeployLock(run.builder);
    await tellPrivileges(run);
    const bodies = new WantedBodies(run);
    const space = new SpaceLeft(run);
    const settling = (entry: IndexEntry) => ({ run, entry, bodies, space, isReplacing: options.isReplacing === true });
    await requireEarlier(options, (entry) => seen(settling(entry)));
    await requireQuiet(run, chosen, (entry) => seen(settling(entry)));
    const deadlocksBefore = await deadlocksOf(run.observer);
    const indexes: DeployResult["indexes"][number][] = [];
    const conclude = (name: string, did: Did, text: string) => {
      run.report({ event: "finished", name, did, text });
      indexes.push({ name, did, text });
    };
    let queue: Queued[] = chosen.map((entry) => ({ entry, attempt: 1, notBefore: 0 }));
    for (;;) {
      const next = await takeNext(run, queue);
      if (!next) break;
      queue = queue.filter((each) => each !== next);
      const { entry, attempt } = next;
      const outcome = await attempted(run, settling(entry), options.breaker);
      if (outcome.kind === "done") {
        conclude(entry.name, outcome.did, outcome.text);
        if (BUILDS.has(outcome.did) && queue.length > 0) await pause(run, run.limits.restMs);
      } else if (outcome.kind === "postponed" && attempt < run.limits.attempts) {
        const retryInMs = backOff(attempt + 1, run.limits, Math.random());
        run.report({ event: "postponed", name: entry.name, text: outcome.text, retryInMs });
        queue.push({ entry, attempt: attempt + 1, notBefore: performance.now() + retryInMs });
      } else if (outcome.kind === "postponed") {
        conclude(entry.name, "blocked", `given up for now, after ${attempt} attempts: ${outcome.text}`);
      } else {
        conclude(entry.name, "failed", outcome.text);
        // What is wrong with one index of a table may be wrong with its others; other tables do not suffer for it.
        for (const other of queue.filter((each) => each.entry.table === entry.table)) {
          conclude(other.entry.name, "failed", `not begun, since ${entry.name} of the same table failed`);
        }
        queue = queue.filter((each) => each.entry.table !== entry.table);
      }
    }
    const deadlocks = (await deadlocksOf(run.observer)) - deadlocksBefore;
    if (deadlocks > 0) {
      const text = `${deadlocks} deadlocks in the database meanwhile: an application's transaction may have been ended (40P01)`;
      run.report({ event: "note", text });
    }
    return {
      phase: options.phase,
      isComplete: indexes.every(({ did }) => did !== "failed" && did !== "blocked"),
      indexes,
      deadlocks,
    };
  });
}

/** What took the server's time. */
const BUILDS: ReadonlySet<Did> = new Set(["built", "repaired", "replaced"]);

type See = (entry: IndexEntry) => ReturnType<typeof seen>;

async function requireEarlier({ entries, phase }: DeployOptions, see: See): Promise<void> {
  const earlier = [];
  for (const entry of earlierEntries(entries, phase)) {
    earlier.push({ entry, state: (await patiently(() => see(entry))).state });
  }
  const lacks = missing(earlier);
  if (lacks.length > 0) throw gateError(phase, lacks);
}

/** Refuses where an old transaction would hold up the first build; where nothing is to build, nobody is in the way. */
async function requireQuiet(run: Run, chosen: readonly IndexEntry[], see: See): Promise<void> {
  const pending = [];
  for (const entry of chosen) {
    const step = await see(entry).then(
      (each) => each.step.kind,
      () => "unknown", // its table is locked just now: its turn will tell
    );
    if (step === "build" || step === "drop") pending.push(entry);
  }
  if (pending.length > 0) await refuseOldTransactions(run, await observe(run.observer, pending, [run.builder.pid]));
}

/**
 * The first whose time has come, of a table where nothing backs off if there is one; where all back off, the one whose
 * time comes first, after that wait.
 */
async function takeNext(run: Run, queue: readonly Queued[]): Promise<Queued | undefined> {
  const now = performance.now();
  const busy = new Set(queue.filter(({ notBefore }) => notBefore > now).map(({ entry }) => entry.table));
  const due = queue.filter(({ notBefore }) => notBefore <= now);
  if (due.length > 0 || queue.length === 0) return due.find(({ entry }) => !busy.has(entry.table)) ?? due[0];
  const [first] = [...queue].sort((a, b) => a.notBefore - b.notBefore);
  await pause(run, Math.max(0, (first?.notBefore ?? 0) - performance.now()));
  return first;
}

/** One attempt. What the server says of locks and connections is a reason to come back, not to end. */
async function attempted(
  run: Run,
  work: Parameters<typeof settle>[0],
  breaker: BreakerAccess | undefined,
): Promise<Outcome> {
  const { name, table, phase } = work.entry;
  try {
    await revive(run);
    const { step } = await seen(work);
    if (step.kind === "build" || step.kind === "drop" || step.kind === "rename") {
      await startGate(run, breaker, { name, relation: table, phase, statement: createStatement(work.entry) });
    }
    return await settle(work);
  } catch (error) {
    if (run.signal.aborted) throw interrupted();
    if (error instanceof IndexError) {
      if (error.code !== "refused" || error.cause === undefined) throw error;
      return { kind: "failed", text: error.message };
    }
    const failure = failureOf(error);
    if (failure === "blocked" || failure === "lost" || failure === "cancelled") {
      return { kind: "postponed", text: (error as Error).message };
    }
    if (failure === "space") {
      const message = `${name} was not begun: the server has no room for its rehearsal (${(error as Error).message}).`;
      throw new IndexError("space", message, { cause: error });
    }
    throw error;
  }
}

/** A builder that was lost is replaced, with the lock; its old backend may hold that for a moment more. */
async function revive(run: Run): Promise<void> {
  try {
    await run.builder.rows("SELECT 1");
    return;
  } catch (error) {
    if (failureOf(error) !== "lost") throw error;
  }
  await run.builder.renew();
  await takeDeployLock(run.builder);
}

/** A table that somebody alters cannot be looked at: some tries, since an ALTER is short. */
async function patiently<T>(look: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look();
    } catch (error) {
      if (failureOf(error) !== "blocked") throw error;
      if (attempt === 5)
        throw new IndexError("blocked", "A table is locked by somebody who alters it: try again later.");
      await sleep(ASK_EVERY_MS);
    }
  }
}
