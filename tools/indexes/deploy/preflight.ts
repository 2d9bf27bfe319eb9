import { blockerText } from "./blocker.ts";
import { oldTransactions, seesOthers } from "./blockers.ts";
import type { IndexFacts } from "./facts.ts";
import { IndexError } from "./indexError.ts";
import { duration } from "./quantities.ts";
import type { Run } from "./run.ts";

/** Says what this role cannot see, once: what is not seen is no reason to stop, but to know. */
export async function tellPrivileges(run: Run): Promise<void> {
  if (await seesOthers(run.observer)) return;
  const text =
    "this role does not see other roles' transactions, so an old one is found only when a build waits for it. Grant it pg_read_all_stats";
  run.report({ event: "note", text });
}

/** Transactions that a build on these tables would wait for longer than its budget, in words; undefined: none. */
export async function transactionsInTheWay(
  run: Pick<Run, "observer" | "limits">,
  facts: readonly IndexFacts[],
): Promise<string | undefined> {
  const tables = [...new Set(facts.flatMap(({ table }) => table.oid ?? []))];
  const old = await oldTransactions(run.observer, tables, run.limits.waitBudgetMs);
  return old.length === 0 ? undefined : old.map(blockerText).join("; ");
}

/** Refuses before any DDL: one query saves a whole build. */
export async function refuseOldTransactions(run: Run, facts: readonly IndexFacts[]): Promise<void> {
  const text = await transactionsInTheWay(run, facts);
  if (text === undefined) return;
  const budget = duration(run.limits.waitBudgetMs);
  const message = `Every build would wait for a transaction older than the budget of ${budget}: ${text}. End it, or give a larger --wait-budget.`;
  throw new IndexError("blocked", message);
}
