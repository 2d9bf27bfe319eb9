import { expect, test } from "vitest";
import { type Seen, tripReason } from "../../../../src/breaker/tripRule.ts";

const NOTHING: Seen = { ok: 0, failed: 0, slow: 0, excluded: 0, failedRun: 0, slowRun: 0 };

test.for<[string, Partial<Seen>, string | undefined]>([
  ["nothing", {}, undefined],
  ["four failures in a row", { failed: 4, failedRun: 4 }, undefined],
  ["five failures in a row", { failed: 5, failedRun: 5 }, "failures-in-a-row"],
  ["five in a row, however many answered before", { ok: 1_000, failed: 5, failedRun: 5 }, "failures-in-a-row"],
  ["four slow answers in a row", { slow: 4, slowRun: 4 }, undefined],
  ["five slow answers in a row", { slow: 5, slowRun: 5 }, "slow-in-a-row"],
  ["all of 19 failed, never five in a row", { failed: 19, failedRun: 4 }, undefined],
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
