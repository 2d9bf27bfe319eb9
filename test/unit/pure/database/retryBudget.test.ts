import fc from "fast-check";
import { expect, test } from "vitest";
import { RETRY_FLOOR, RETRY_SHARE, RETRY_WINDOW_MS } from "../../../../src/database/constants.ts";
import { RetryBudget } from "../../../../src/database/retryBudget.ts";

const SLICE_MS = RETRY_WINDOW_MS / 10;

/** Asks for more than any budget here has. */
function spend(budget: RetryBudget, now: number): void {
  for (let index = 0; index < 10 * RETRY_FLOOR; index++) budget.takeRetry(now);
}

test("a quiet isolate may retry as often as the floor says, and no oftener", () => {
  const budget = new RetryBudget();
  budget.countTry(0);
  const granted = Array.from({ length: RETRY_FLOOR + 5 }, () => budget.takeRetry(0)).filter(Boolean);
  expect(granted).toHaveLength(RETRY_FLOOR);
});

test("a busy isolate may retry a share of its traffic", () => {
  const budget = new RetryBudget();
  for (let index = 0; index < 1_000; index++) budget.countTry(index);
  const granted = Array.from({ length: 1_000 }, () => budget.takeRetry(1_000)).filter(Boolean);
  expect(granted).toHaveLength(1_000 * RETRY_SHARE);
});

test("what was retried is forgotten once the window has passed", () => {
  const budget = new RetryBudget();
  spend(budget, 0);
  expect(budget.takeRetry(RETRY_WINDOW_MS - SLICE_MS)).toBe(false);
  expect(budget.takeRetry(RETRY_WINDOW_MS)).toBe(true);
});

test("a clock that was set back does not spend the budget for ever", () => {
  const budget = new RetryBudget();
  spend(budget, 1_000_000);
  expect(budget.takeRetry(0)).toBe(true);
});

test("whatever comes when, retries stay within the share of the window's traffic, or the floor", () => {
  const events = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 3 * SLICE_MS }), tries: fc.nat(40), retries: fc.nat(40) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(events, (list) => {
      const budget = new RetryBudget();
      const tries: number[] = [];
      const retries: number[] = [];
      let now = 0;
      for (const event of list) {
        now += event.afterMs;
        const oldest = (Math.floor(now / SLICE_MS) - 9) * SLICE_MS;
        const inWindow = (times: readonly number[]) => times.filter((at) => at >= oldest).length;
        for (let index = 0; index < event.tries; index++) {
          budget.countTry(now);
          tries.push(now);
        }
        for (let index = 0; index < event.retries; index++) {
          const allowed = Math.max(RETRY_FLOOR, RETRY_SHARE * inWindow(tries));
          const mayRetry = inWindow(retries) + 1 <= allowed;
          expect(budget.takeRetry(now)).toBe(mayRetry);
          if (mayRetry) retries.push(now);
        }
      }
    }),
  );
});
