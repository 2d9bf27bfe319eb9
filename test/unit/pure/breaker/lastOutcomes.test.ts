import { expect, test } from "vitest";
import { LastOutcomes } from "../../../../src/breaker/lastOutcomes.ts";
import type { Outcome } from "../../../../src/breaker/outcomeWindow.ts";

const NOW = 1_700_000_000_000;
const NONE = { ok: 0, failed: 0, slow: 0, excluded: 0 };

function lastOf(...outcomes: (readonly [Outcome, number])[]): LastOutcomes {
  const last = new LastOutcomes();
  for (const [outcome, at] of outcomes) last.add(outcome, NOW + at);
  return last;
}

test("each kind is counted by itself, and what is excluded not at all", () => {
  const last = lastOf(["ok", 0], ["ok", 1], ["failed", 2], ["slow", 3], ["excluded", 4]);
  expect(last.totals(NOW + 4)).toEqual({ ok: 2, failed: 1, slow: 1, excluded: 0 });
});

test("the twenty-first takes the place of the first, and what is excluded takes none", () => {
  const failures = Array.from({ length: 20 }, (_, at) => ["failed", at] as const);
  const last = lastOf(...failures, ["excluded", 20]);
  expect(last.totals(NOW + 20)).toEqual({ ...NONE, failed: 20 });
  last.add("ok", NOW + 21);
  last.add("slow", NOW + 22);
  expect(last.totals(NOW + 22)).toEqual({ ok: 1, failed: 18, slow: 1, excluded: 0 });
});

test.for([
  [0, 1],
  [59_999, 1],
  [60_000, 0],
  [-59_999, 1],
  [-60_000, 0],
] as const)("an outcome of %d ms ago counts %d times", ([ageMs, times]) => {
  expect(lastOf(["failed", 0]).totals(NOW + ageMs).failed).toBe(times);
});

test("cleared, it knows nothing, and begins anew", () => {
  const last = lastOf(["failed", 0], ["slow", 1]);
  last.clear();
  expect(last.totals(NOW + 1)).toEqual(NONE);
  last.add("ok", NOW + 2);
  expect(last.totals(NOW + 2)).toEqual({ ...NONE, ok: 1 });
});
