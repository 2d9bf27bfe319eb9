import type { Phase } from "../../../sql/indexes/entry.ts";
import { backOff } from "./backOff.ts";
import { takeDeployLock } from "./deployLock.ts";
import { dropIndex } from "./dropIndex.ts";
import type { IndexFacts } from "./facts.ts";
import { failureOf } from "./failureOf.ts";
import { IndexError } from "./indexError.ts";
import { lastActions, requireLedger } from "./ledger.ts";
import { observe, type Wanted } from "./observe.ts";
import { tellPrivileges } from "./preflight.ts";
import { lagInTheWay } from "./replicaLag.ts";
import { readerInTheWay } from "./replicaReaders.ts";
import { pause, type Run, type RunOptions, waitUntil, withRun } from "./run.ts";

export interface RollbackResult {
  readonly phase: Phase;
  readonly dropped: readonly string[];
  /** Not ours, by the ledger: left alone. */
  readonly kept: readonly string[];
}

type Owned = Wanted & { readonly phase: Phase };

/**
 * Drops what deploys of this phase built, by the ledger, the newest first and concurrently; nothing else. Replaying a
 * drop waits for readers on replicas, so those are waited for before.
 */
export function rollback(options: RunOptions & { readonly phase: Phase }): Promise<RollbackResult> {
  const { phase } = options;
  return withRun(options, async (run) => {
    await requireLedger(run.observer);
    await takeDeployLock(run.builder);
    await tellPrivileges(run);
    const inLedger = await ofPhase(run, phase);
    const facts = await observe(run.observer, inLedger, [run.builder.pid]);
    const isOurs = ({ found, last }: IndexFacts) => found !== undefined && last?.isOurs === true;
    const constrained = facts.filter((each) => isOurs(each) && each.found?.constraint !== undefined);
    if (constrained.length > 0) {
      const names = constrained.map(({ name, found }) => `${name} (${found?.constraint})`).join(", ");
      throw new IndexError(
        "refused",
        `Nothing was dropped: constraints have taken over ${names} (2BP01). Drop those first.`,
      );
    }
    tellBlindness(run);
    const dropped: string[] = [];
    for (const [index, each] of facts.entries()) {
      const entry = inLedger[index];
      if (!entry || !isOurs(each)) continue;
      await dropWithRetries(run, entry);
      dropped.push(entry.name);
      run.report({ event: "finished", name: entry.name, did: "dropped", text: "dropped" });
    }
    const kept = facts.filter((each) => each.found && !isOurs(each)).map(({ name }) => name);
    return { phase, dropped, kept };
  });
}

/** What the ledger has of a phase, the newest first. */
async function ofPhase({ observer }: Run, phase: Phase): Promise<readonly Owned[]> {
  const actions = await lastActions(observer);
  const last = [...actions.values()].flatMap((rows) => rows.at(-1) ?? []).filter((row) => row.phase === phase);
  return last.reverse().map(({ name, relation }) => ({ name, table: relation, columns: [], definition: "", phase }));
}

function tellBlindness({ replicaUrls = [], report }: Run): void {
  if (replicaUrls.length > 0) return;
  const text =
    "readers on replicas cannot be seen without --replica-url: an open one that used an index stops replay there";
  report({ event: "note", text });
}

async function dropWithRetries(run: Run, entry: Owned): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const [facts] = await observe(run.observer, [entry], [run.builder.pid]);
    const oid = facts?.found?.oid;
    if (!facts || oid === undefined) return;
    if (facts.busy) await waitUntil(run, entry.name, () => busyText(run, entry));
    await waitUntil(run, entry.name, async () => (await lagInTheWay(run)) ?? (await readerInTheWay(run, oid)));
    const ended = await dropOnce(run, entry, facts);
    if (!ended) return;
    if (ended.kind === "failed")
      throw new IndexError("incomplete", `${entry.name} could not be dropped: ${ended.text}.`);
    if (attempt === run.limits.attempts) {
      const message = `${entry.name} could not be dropped in ${attempt} attempts: ${ended.text}. Run the rollback again: it finishes what is half dropped.`;
      throw new IndexError("blocked", message);
    }
    const retryInMs = backOff(attempt + 1, run.limits, Math.random());
    run.report({ event: "postponed", name: entry.name, text: ended.text, retryInMs });
    await pause(run, retryInMs);
    if (ended.text === LOST) {
      await run.builder.renew();
      await takeDeployLock(run.builder);
    }
  }
}

const LOST = "the connection was lost";

async function dropOnce(run: Run, entry: Owned, facts: IndexFacts) {
  try {
    return await dropIndex(run, { name: entry.name, entry, why: "rollback", facts });
  } catch (error) {
    if (error instanceof IndexError || failureOf(error) !== "lost") throw error;
    return { kind: "postponed" as const, text: LOST };
  }
}

async function busyText(run: Run, entry: Owned): Promise<string | undefined> {
  const [facts] = await observe(run.observer, [entry], [run.builder.pid]);
  return facts?.busy ? `pid ${facts.busy.pid} is at it already (${facts.busy.command})` : undefined;
}
