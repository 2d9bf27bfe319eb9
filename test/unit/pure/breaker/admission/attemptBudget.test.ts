import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AttemptBudget, type Extra } from "../../../../../src/breaker/admission/attemptBudget.ts";
import {
  BUDGET_WINDOW_MS,
  HEDGE_SHARE,
  RETRY_FLOOR,
  RETRY_SHARE,
} from "../../../../../src/breaker/admission/constants.ts";
import { floorShare } from "../../../../../src/breaker/admission/floorShare.ts";

const SLICE_MS = BUDGET_WINDOW_MS / 10;
const UNLUCKY = 0.999;

/** Asks so many times, taking each that is granted; returns how many were. */
function granted(budget: AttemptBudget, times: number, extra: Extra, floor: number, now: number): number {
  let count = 0;
  for (let index = 0; index < times; index++) {
    if (!budget.hasRoom(extra, floor, now, UNLUCKY)) continue;
    budget.take(extra, now);
    count++;
  }
  return count;
}

function tries(budget: AttemptBudget, count: number, now = 0): void {
  for (let index = 0; index < count; index++) budget.countTry(now);
}

test.for<[string, number, number, number, number]>([
  // Finagle's: a fifth of the calls, and a floor; what was earned lapses with the window.
  ["100 calls without a floor: 20 retries, the 21st refused", 100, 0, 0, 20],
  ["the same after the window: nothing is left of it", 100, 0, BUDGET_WINDOW_MS, 0],
  ["the same after the window: the floor is", 100, RETRY_FLOOR, BUDGET_WINDOW_MS, RETRY_FLOOR],
  ["a quiet isolate may retry as often as the floor says", 1, RETRY_FLOOR, 0, RETRY_FLOOR],
  ["a busy one a share of its traffic", 1_000, RETRY_FLOOR, 0, 200],
  ["no fraction of a retry is one", 99, 0, 0, 19],
])("%s", ([, count, floor, afterMs, expected]) => {
  const budget = new AttemptBudget();
  tries(budget, count);
  expect(granted(budget, 10_000, "retry", floor, afterMs)).toBe(expected);
});

test("what was retried is forgotten once the window has passed", () => {
  const budget = new AttemptBudget();
  granted(budget, 100, "retry", RETRY_FLOOR, 0);
  expect(granted(budget, 1, "retry", RETRY_FLOOR, BUDGET_WINDOW_MS - SLICE_MS)).toBe(0);
  expect(granted(budget, 1, "retry", RETRY_FLOOR, BUDGET_WINDOW_MS)).toBe(1);
});

test("a clock that was set back does not spend the budget for ever", () => {
  const budget = new AttemptBudget();
  granted(budget, 100, "retry", RETRY_FLOOR, 1_000_000);
  expect(granted(budget, 1, "retry", RETRY_FLOOR, 0)).toBe(1);
});

describe("a hedge", () => {
  test("has 2 % of traffic, and no floor", () => {
    const budget = new AttemptBudget();
    tries(budget, 49);
    expect(granted(budget, 10, "hedge", RETRY_FLOOR, 0)).toBe(0);
    tries(budget, 951);
    expect(granted(budget, 1_000, "hedge", RETRY_FLOOR, 0)).toBe(1_000 * HEDGE_SHARE);
  });

  test("draws from the budget of retries, and stands back where that is used up", () => {
    const budget = new AttemptBudget();
    tries(budget, 1_000);
    expect(granted(budget, 20, "hedge", 0, 0)).toBe(20);
    expect(granted(budget, 1_000, "retry", 0, 0)).toBe(180);
    tries(budget, 100);
    granted(budget, 1_000, "retry", 0, 0);
    expect(granted(budget, 1, "hedge", 0, 0)).toBe(0);
  });
});

describe("the world's floor", () => {
  test.for<[string, number | undefined, number]>([
    ["whole before the world said anything", undefined, RETRY_FLOOR],
    ["whole for one isolate", 1, RETRY_FLOOR],
    ["whole where nobody is counted", 0, RETRY_FLOOR],
    ["whole for five hundred", 500, RETRY_FLOOR],
    ["half for a thousand", 1_000, 5],
    ["less than one for a crowd", 20_000, 1 / 4],
  ])("is %s", ([, reporters, expected]) => {
    expect(floorShare(reporters)).toBe(expected);
  });

  test("of less than one retry is a chance of one, and of no second", () => {
    const budget = new AttemptBudget();
    const floor = floorShare(20_000);
    expect(budget.hasRoom("retry", floor, 0, 1 / 4)).toBe(false);
    expect(budget.hasRoom("retry", floor, 0, 0.249)).toBe(true);
    budget.take("retry", 0);
    expect(budget.hasRoom("retry", floor, 0, 0)).toBe(false);
  });

  test("holds for 20,000 isolates that each saw one failure", () => {
    const floor = floorShare(20_000);
    const retries = Array.from({ length: 20_000 }, (_, index) =>
      new AttemptBudget().hasRoom("retry", floor, 0, index / 20_000),
    );
    expect(retries.filter(Boolean)).toHaveLength(5_000);
  });
});

test("whatever comes when, what is asked beyond first tries stays within the share of the window's traffic, or the floor", () => {
  const events = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 3 * SLICE_MS }),
      tries: fc.nat(60),
      retries: fc.nat(40),
      hedges: fc.nat(5),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (list) => {
      const budget = new AttemptBudget();
      const tried: number[] = [];
      const asked: { at: number; extra: Extra }[] = [];
      let now = 0;
      for (const event of list) {
        now += event.afterMs;
        const oldest = (Math.floor(now / SLICE_MS) - 9) * SLICE_MS;
        tries(budget, event.tries, now);
        for (let index = 0; index < event.tries; index++) tried.push(now);
        const ask = (extra: Extra) => {
          const recent = asked.filter(({ at }) => at >= oldest);
          const traffic = tried.filter((at) => at >= oldest).length;
          const isWithin = recent.length + 1 <= Math.max(RETRY_FLOOR, RETRY_SHARE * traffic);
          const hedges = recent.filter((each) => each.extra === "hedge").length;
          const hasRoom = isWithin && (extra === "retry" || hedges + 1 <= HEDGE_SHARE * traffic);
          expect(budget.hasRoom(extra, RETRY_FLOOR, now, UNLUCKY)).toBe(hasRoom);
          if (!hasRoom) return;
          budget.take(extra, now);
          asked.push({ at: now, extra });
        };
        for (let index = 0; index < event.hedges; index++) ask("hedge");
        for (let index = 0; index < event.retries; index++) ask("retry");
      }
    }),
  );
});
