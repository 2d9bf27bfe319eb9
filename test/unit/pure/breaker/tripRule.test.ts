import { expect, test } from "vitest";
import { hasFailedRamp, type Seen, tripReason } from "../../../../src/breaker/tripRule.ts";

const NOTHING: Seen = { ok: 0, failed: 0, slow: 0, excluded: 0, failedRun: 0, slowRun: 0, since: 0 };

test.for<[string, Partial<Seen>, string | undefined]>([
  ["nothing", {}, undefined],
  ["four failures in a row", { failed: 4, failedRun: 4, since: 4 }, undefined],
  ["five failures in a row", { failed: 5, failedRun: 5, since: 5 }, "failures-in-a-row"],
  [
    "five in a row, however many answered before",
    { ok: 1_000, failed: 5, failedRun: 5, since: 5 },
    "failures-in-a-row",
  ],
  ["four slow answers in a row", { slow: 4, slowRun: 4, since: 4 }, undefined],
  ["five slow answers in a row", { slow: 5, slowRun: 5, since: 5 }, "slow-in-a-row"],
  ["all of 19 failed, never five in a row", { failed: 19, failedRun: 4 }, undefined],
  [
    "five in a row, four slow ones between",
    { failed: 5, slow: 4, failedRun: 5, slowRun: 4, since: 9 },
    "failures-in-a-row",
  ],
  [
    "five in a row of a node that failed one of twenty before",
    { ok: 95, failed: 10, failedRun: 5, since: 5 },
    undefined,
  ],
  ["six of it", { ok: 95, failed: 11, failedRun: 6, since: 6 }, undefined],
  ["seven of it", { ok: 95, failed: 12, failedRun: 7, since: 7 }, "failures-in-a-row"],
  ["twelve of one that failed one of five", { ok: 80, failed: 32, failedRun: 12, since: 12 }, undefined],
  ["thirteen of it", { ok: 80, failed: 33, failedRun: 13, since: 13 }, "failures-in-a-row"],
  ["the same by slow answers", { ok: 80, slow: 33, slowRun: 13, since: 13 }, "slow-in-a-row"],
  [
    "what is known of few is not yet a share: one of three failed",
    { ok: 2, failed: 6, failedRun: 5, since: 5 },
    undefined,
  ],
  ["seven after one of three", { ok: 2, failed: 8, failedRun: 7, since: 7 }, "failures-in-a-row"],
  ["four of one that fails one of two hundred", { ok: 398, failed: 6, failedRun: 4, since: 4 }, undefined],
  ["five after failed and slow ones", { ok: 80, failed: 15, slow: 10, failedRun: 5, since: 5 }, undefined],
  ["twenty in any case", { ok: 60, failed: 60, failedRun: 20, since: 20 }, "failures-in-a-row"],
  ["more since than are counted", { failed: 5, failedRun: 5, since: 50 }, "failures-in-a-row"],
  ["half of 20 failed", { ok: 10, failed: 10 }, "failure-ratio"],
  ["less than half of 20 failed", { ok: 11, failed: 9 }, undefined],
  ["half of 20 were slow", { ok: 10, slow: 10 }, "slow-ratio"],
  ["less than half of 20 were slow", { ok: 11, slow: 9 }, undefined],
  ["neither half failed nor half were slow", { ok: 4, failed: 8, slow: 8 }, undefined],
  ["what is excluded is no volume", { failed: 10, excluded: 1_000 }, undefined],
  ["what is excluded dilutes nothing", { ok: 10, failed: 10, excluded: 1_000 }, "failure-ratio"],
])("%s: %o gives %s", ([, seen, reason]) => {
  expect(tripReason({ ...NOTHING, ...seen })).toBe(reason);
});

test.for([
  [0, 0, 0, false],
  [0, 1, 0, true],
  [0, 0, 1, true],
  [1, 1, 0, false],
  [1, 1, 1, true],
  [4, 2, 2, false],
] as const)("of a ramp %i good ones, %i failed and %i slow: it failed is %o", ([ok, failed, slow, expected]) => {
  expect(hasFailedRamp({ ok, failed, slow })).toBe(expected);
});
