import { expect, test } from "vitest";
import { HEDGE_TRIAL_MS, MAX_HEDGED_QUERIES, MIN_HEDGE_MS } from "../../../../src/replicas/constants.ts";
import { HedgeDelays } from "../../../../src/replicas/hedgeDelays.ts";
import { HedgeWorth } from "../../../../src/replicas/hedgeWorth.ts";

const NOW = 1_700_000_000_000;

test.for<[string, readonly boolean[], boolean]>([
  ["before any was tried", [], true],
  ["after some that did not help", Array(5).fill(false), true],
  ["after many that did not", Array(12).fill(false), false],
  ["where every second one does", Array.from({ length: 40 }, (_, index) => index % 2 === 0), true],
  ["after many that did not, and some that did", [...Array(12).fill(false), true, true], true],
])("a second question %s: %j is worth it: %s", ([, ends, isWorth]) => {
  const worth = new HedgeWorth();
  for (const hasWon of ends) worth.ended(hasWon, NOW);
  expect(worth.isWorth(NOW + 1)).toBe(isWorth);
});

test("one is tried in a while, whatever came of the last", () => {
  const worth = new HedgeWorth();
  for (let count = 0; count < 50; count++) worth.ended(false, NOW);
  expect([worth.isWorth(NOW + HEDGE_TRIAL_MS - 1), worth.isWorth(NOW + HEDGE_TRIAL_MS)]).toEqual([false, true]);
  worth.ended(false, NOW + HEDGE_TRIAL_MS);
  expect(worth.isWorth(NOW + HEDGE_TRIAL_MS + 1)).toBe(false);
});

test("each query has a delay of its own, none below what is worth waiting for, and there are only so many", () => {
  const delays = new HedgeDelays();
  const learn = (query: string, ms: number) => {
    for (let count = 0; count < 20; count++) delays.record(query, ms);
    return delays.ofMs(query);
  };
  expect([learn("fast", 1), delays.ofMs("unknown")]).toEqual([MIN_HEDGE_MS, undefined]);
  expect(learn("slow", 50)).toBeCloseTo(50, 0);
  for (let count = 2; count < MAX_HEDGED_QUERIES; count++) learn(`query ${count}`, 1);
  expect(learn("one too many", 1)).toBeUndefined();
});

test("what was given up early says nothing of a query, and what was given up late that it is slower", () => {
  const delays = new HedgeDelays();
  for (let count = 0; count < 20; count++) delays.record("query", 50);
  const learnt = delays.ofMs("query") ?? 0;
  delays.outlasted("query", 10);
  expect(delays.ofMs("query")).toBe(learnt);
  delays.outlasted("query", 60);
  expect(delays.ofMs("query")).toBeGreaterThan(learnt);
});
