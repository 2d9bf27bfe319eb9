import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { Option } from "commander";
import { ENTRIES } from "../sql/indexes/catalogue.ts";
import { openIndexSets, SETS, type SetName } from "../tools/indexes/prove/indexSets.ts";
import { startClone } from "../tools/indexes/prove/startClone.ts";
import { type WriteCost, writeCost } from "../tools/indexes/prove/writeCost.ts";
import { WRITE_TABLES } from "../tools/indexes/prove/writeTables.ts";
import type { Bench } from "./bench.ts";
import { goalRows } from "./sql/sqlTable.ts";
import { type BudgetResult, checkBudget } from "./writes/checkBudget.ts";
import { checkWriteGoals } from "./writes/checkWriteGoals.ts";

type TableCosts = Readonly<Record<SetName, WriteCost>>;

/** What inserts and updates write ahead, per table and set, and each entry that is shipped against its own budget. */
export const writesBench: Bench = {
  name: "writes",
  summary: "WAL of an insert and of an update, and the HOT share, of each table with no, the owner's and our indexes",
  options: [new Option("--pitches <n>", "how many pitches to take rows from").default(50_000).argParser(Number)],
  run: async (lab, options) => {
    const say = (step: string) => console.error(`  ${step}`);
    const pitches = Math.max(5_000, Number(options.pitches) || 50_000);
    const clone = await lab.start(
      () => startClone({ kind: "seed", pitches, seed: 1 }, say),
      (started) => started.stop(),
    );
    const { client } = clone;
    const sets = await openIndexSets(client, ENTRIES);
    const shipped = new Set(sets.of("ours").map(({ name }) => name));

    const tables: Record<string, TableCosts> = {};
    const budgets: BudgetResult[] = [];
    const bar = new SingleBar({ format: "  {bar} {value}/{total} tables", noTTYOutput: true, notTTYSchedule: 5_000 });
    bar.start(WRITE_TABLES.length, 0);
    for (const of of WRITE_TABLES) {
      const [none, owner, ours] = [
        await writeCost(client, of, sets.of("none")),
        await writeCost(client, of, sets.of("owner")),
        await writeCost(client, of, sets.of("ours")),
      ];
      tables[of.table] = { none, owner, ours };
      for (const entry of ENTRIES.filter(({ name, table }) => table === of.table && shipped.has(name))) {
        budgets.push(checkBudget(entry, none, await writeCost(client, of, [entry])));
      }
      bar.increment();
    }
    bar.stop();
    // A view by itself moves no score; the refresh, which the table above has, moves both.
    const view = { table: "pitch_counters", order: "pitch_id", set: "views = views + 1" };
    const views = { none: await writeCost(client, view, []), ours: await writeCost(client, view, sets.of("ours")) };
    const draft = { table: "pitches", order: "created_at", insertedAs: "status = 'draft'" };
    const drafts = { none: await writeCost(client, draft, []), ours: await writeCost(client, draft, sets.of("ours")) };
    const goals = checkWriteGoals(tables, { views, drafts });
    console.error([costTable(tables), budgetTable(budgets), goalRows(goals)].join("\n"));
    return { pitches, tables, drafts, budgets, goals };
  },
};

function costTable(tables: Readonly<Record<string, TableCosts>>): string {
  const table = plain(["table", "set", "WAL of an insert", "after a checkpoint", "WAL of an update", "HOT %"]);
  for (const [name, costs] of Object.entries(tables)) {
    for (const set of SETS) {
      const { walPerInsert, walPerInsertAfterCheckpoint, walPerUpdate, hotShare } = costs[set];
      const ratio = (walPerInsert / costs.none.walPerInsert).toFixed(2);
      const insert = `${walPerInsert.toFixed(0)} (${ratio})`;
      table.push([
        name,
        set,
        insert,
        walPerInsertAfterCheckpoint.toFixed(0),
        walPerUpdate?.toFixed(0) ?? "",
        hotShare?.toFixed(1) ?? "",
      ]);
    }
  }
  return table.toString();
}

function budgetTable(budgets: readonly BudgetResult[]): string {
  const table = plain(["entry alone", "WAL of an insert", "may be", "HOT points lost", "may lose", ""]);
  for (const { entry, walRatio, maxWalRatio, hotLoss, maxHotLoss, isKept } of budgets) {
    table.push([entry, walRatio, maxWalRatio, hotLoss ?? "", maxHotLoss, isKept ? "kept" : "OVER"]);
  }
  return table.toString();
}

function plain(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}
