import { expect, it } from "vitest";
import { checkBudget } from "../../../../../bench/writes/checkBudget.ts";
import { checkWriteGoals } from "../../../../../bench/writes/checkWriteGoals.ts";
import type { WriteCost } from "../../../../../tools/indexes/prove/writeCost.ts";
import { indexEntry } from "../../../../cluster/support/indexEntry.ts";

const cost = (walPerInsert: number, hotShare?: number): WriteCost => {
  return { table: "t", walPerInsert, walPerInsertAfterCheckpoint: 0, walPerUpdate: 100, hotShare };
};

const ENTRY = indexEntry("t (a)", { name: "i", writeBudget: { walPerInsert: 1.5, hotLoss: 2 } });

it.each([
  ["kept to the last byte", cost(150, 98), true],
  ["over with more WAL", cost(151, 100), false],
  ["over with more HOT lost", cost(100, 97.9), false],
  ["kept where rows never change", cost(150), true],
] as const)("a write budget is %s", (_, alone, isKept) => {
  expect(checkBudget(ENTRY, cost(100, 100), alone).isKept).toBe(isKept);
});

it("a new pitch is its row, its counters and its words together", () => {
  const of = (none: number, ours: number) => ({ none: cost(none, 100), ours: cost(ours, 100) });
  const tables = { pitches: of(300, 900), pitch_counters: of(200, 300), pitch_search: of(500, 1_500) };
  const goals = checkWriteGoals(tables, { views: of(1, 1), drafts: of(300, 400) });
  expect(goals.filter(({ goal }) => !goal.startsWith("insert into")).map(({ isMet, worst }) => [isMet, worst])).toEqual(
    [
      [true, "1.40"],
      [false, "2.40"],
      [true, "2.70"],
      [true, "100.0 %, 1.00"],
    ],
  );
});

it("all indexes of a table together are held against its budget, the usual one or its own", () => {
  const of = (none: number, ours: number) => ({ none: cost(none, 100), ours: cost(ours, 100) });
  const goals = checkWriteGoals(
    { likes: of(100, 201), investments: of(100, 299) },
    { views: of(1, 1), drafts: of(1, 1) },
  );
  expect(goals.slice(0, 2)).toEqual([
    { goal: "insert into likes ≤ 2 times the WAL", isMet: false, worst: "2.01" },
    { goal: "insert into investments ≤ 3 times the WAL", isMet: true, worst: "2.99" },
  ]);
});
