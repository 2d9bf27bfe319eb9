import fc from "fast-check";
import { expect, test } from "vitest";
import { type Counts, type Outcome, OutcomeWindow } from "../../../../src/breaker/outcomeWindow.ts";

const NOW = 1_700_000_000_000; // on a slot's edge
const NONE: Counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };

function windowWith(...outcomes: (readonly [Outcome, number])[]): OutcomeWindow {
  const window = new OutcomeWindow();
  for (const [outcome, at] of outcomes) window.add(outcome, NOW + at);
  return window;
}

test("each kind is counted by itself, one by one or many at once", () => {
  const window = windowWith(["ok", 0], ["failed", 10], ["slow", 20], ["excluded", 30]);
  window.add("ok", NOW + 40, 5);
  window.addAll({ ok: 1, failed: 2, slow: 3, excluded: 4 }, NOW + 1_000);
  expect(window.totals(NOW + 1_000)).toEqual({ ok: 7, failed: 3, slow: 4, excluded: 5 });
});

test.for([
  [0, 1],
  [9_999, 1],
  [10_000, 0],
  [100_000, 0],
] as const)("an outcome of %d ms ago counts %d times", ([ageMs, times]) => {
  expect(windowWith(["failed", 0]).totals(NOW + ageMs).failed).toBe(times);
});

test("slots leave one by one", () => {
  const window = windowWith(...Array.from({ length: 30 }, (_, second) => ["ok", second * 1_000] as const));
  expect(window.totals(NOW + 29_000).ok).toBe(10);
  expect(window.totals(NOW + 33_000).ok).toBe(6);
  expect(window.toJSON()).toHaveLength(10);
});

test("a clock that went back a little loses nothing, and makes nothing older or younger", () => {
  const window = windowWith(["ok", 5_000], ["failed", 2_000], ["failed", 6_000]);
  expect(window.totals(NOW + 2_000)).toEqual({ ...NONE, ok: 1, failed: 2 });
  expect(window.toJSON().map(({ at }) => at)).toEqual([NOW / 1_000 + 5, NOW / 1_000 + 6]);
  expect(window.totals(NOW + 15_999).failed).toBe(1);
});

test("a clock that was set back by an hour begins a new window: what is from the future would never grow old", () => {
  const window = windowWith(["failed", 3_600_000]);
  expect(window.totals(NOW)).toEqual(NONE);
  window.add("ok", NOW);
  window.add("failed", NOW + 1_000);
  expect(window.totals(NOW + 1_000)).toEqual({ ...NONE, ok: 1, failed: 1 });
  expect(window.totals(NOW + 11_000)).toEqual(NONE);
});

test("cleared, it knows nothing", () => {
  const window = windowWith(["failed", 0]);
  window.clear();
  expect(window.totals(NOW)).toEqual(NONE);
});

test("it comes back from JSON, of however many slots that is, and shares nothing with it", () => {
  const outcome = fc.constantFrom<Outcome>("ok", "failed", "slow", "excluded");
  fc.assert(
    fc.property(fc.array(fc.tuple(outcome, fc.nat(30_000)), { maxLength: 60 }), (outcomes) => {
      const window = windowWith(...outcomes.toSorted(([, a], [, b]) => a - b));
      const row = JSON.parse(JSON.stringify(window));
      const restored = OutcomeWindow.from(row);
      for (let at = 0; at <= 40_000; at += 1_000) expect(restored.totals(NOW + at)).toEqual(window.totals(NOW + at));
      restored.add("ok", NOW + 30_000, 1_000);
      expect(JSON.stringify(row)).toBe(JSON.stringify(window));
    }),
  );
  const long = Array.from({ length: 25 }, (_, at) => ({ ...NONE, at: NOW / 1_000 + at, ok: 1 }));
  expect(OutcomeWindow.from(long).toJSON()).toHaveLength(10);
});

test("it is nothing but its slots: none at first, none once cleared", () => {
  const window = new OutcomeWindow();
  expect(window.toJSON()).toEqual([]);
  window.add("ok", NOW);
  window.clear();
  expect(window.toJSON()).toEqual([]);
});
