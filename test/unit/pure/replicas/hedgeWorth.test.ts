import { expect, test } from "vitest";
import { HEDGE_TRIAL_MS, MAX_TIMED_QUERIES, MIN_HEDGE_MS } from "../../../../src/replicas/constants.ts";
import { HedgeWorth } from "../../../../src/replicas/hedgeWorth.ts";
import { QueryTimes } from "../../../../src/replicas/queryTimes.ts";
import { Random } from "../../../../tools/seed/random.ts";

const NOW = 1_700_000_000_000;

test.for<[string, readonly boolean[], boolean]>([
  ["before any was tried", [], true],
  ["after some that did not help", Array(12).fill(false), true],
  ["after many that did not", Array(60).fill(false), false],
  ["where every second one does", Array.from({ length: 40 }, (_, index) => index % 2 === 0), true],
  ["after many that did not, and some that did", [...Array(60).fill(false), true, true], true],
])("a second question %s", ([, ends, isWorth]) => {
  const worth = new HedgeWorth();
  for (const hasWon of ends) worth.ended(hasWon, NOW);
  expect(worth.isWorth(NOW + 1)).toBe(isWorth);
});

test("one is tried in a while, whatever came of the last", () => {
  const worth = new HedgeWorth();
  for (let count = 0; count < 100; count++) worth.ended(false, NOW);
  expect([worth.isWorth(NOW + HEDGE_TRIAL_MS - 1), worth.isWorth(NOW + HEDGE_TRIAL_MS)]).toEqual([false, true]);
  worth.ended(false, NOW + HEDGE_TRIAL_MS);
  expect(worth.isWorth(NOW + HEDGE_TRIAL_MS + 1)).toBe(false);
});

test("each query has a delay of its own, none below what is worth waiting for, and there are only so many", () => {
  const delays = new QueryTimes();
  const learn = (query: string, ms: number) => {
    for (let count = 0; count < 20; count++) delays.record(query, ms);
    return delays.lateAfterMs(query);
  };
  expect([learn("fast", 1), delays.lateAfterMs("unknown")]).toEqual([MIN_HEDGE_MS, undefined]);
  expect(Math.abs((learn("slow", 50) ?? 0) - 50)).toBeLessThan(2.5);
  for (let count = 2; count < MAX_TIMED_QUERIES; count++) learn(`query ${count}`, 1);
  expect(learn("one too many", 1)).toBeUndefined();
});

test("late are two answers of a hundred: as many as may be asked twice", () => {
  const times = new QueryTimes();
  const random = new Random(1);
  let late = 0;
  for (let count = 0; count < 20_000; count++) {
    const ms = 10 + 90 * random.next();
    if (count >= 2_000 && ms > (times.lateAfterMs("query") ?? 0)) late++;
    times.record("query", ms);
  }
  expect(late / 18_000).toBeGreaterThan(0.01);
  expect(late / 18_000).toBeLessThan(0.03);
});

test("what was given up early says nothing of a query, and what was given up late that it is slower", () => {
  const delays = new QueryTimes();
  for (let count = 0; count < 20; count++) delays.record("query", 50);
  const learnt = delays.lateAfterMs("query") ?? 0;
  delays.outlasted("query", 10);
  expect(delays.lateAfterMs("query")).toBe(learnt);
  delays.outlasted("query", 60);
  expect(delays.lateAfterMs("query")).toBeGreaterThan(learnt);
});

test("what a node adds is what an answer of a query took beyond its quick ones, whatever the query costs by itself", () => {
  const times = new QueryTimes();
  expect(times.excessMs("cheap", 5)).toBe(0);
  for (let count = 0; count < 200; count++) {
    times.record("cheap", count % 2 === 0 ? 4 : 204); // of one node that is well, and one that is not
    times.record("dear", 600);
  }
  expect(times.excessMs("cheap", 204)).toBeGreaterThan(190);
  expect(times.excessMs("cheap", 4)).toBeLessThan(3);
  expect(times.excessMs("dear", 605)).toBeLessThan(60);
});
