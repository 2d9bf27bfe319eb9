import { expect, test } from "vitest";
import { KvWrites } from "../../../../../src/cache/warm/kvWrites.ts";

const NOW = 1_764_028_800_000;
const NEXT = { inMs: 300_000, marginMs: 75_000 };
const HOUR_MS = 3_600_000;

/** A copy that is shown for an hour more, and in an outage for a day. */
const COPY = {
  hot: {
    key: "/k",
    heat: 1,
    loadMs: 20,
    hash: "same",
    loadedAt: NOW - 300_000,
    freshUntil: NOW - 240_000,
    errorUntil: NOW + 24 * HOUR_MS,
  },
  staleWhileRevalidateMs: HOUR_MS,
  staleIfErrorMs: 24 * HOUR_MS,
};

test("a run writes what changed, within its allowance, and what did not change not at all", () => {
  const writes = new KvWrites(2, NEXT);
  expect(["same", "a", "same", "b", "c"].map((hash) => writes.take(COPY, { hash }, NOW))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(writes.areGone).toBe(true);
});

test.for([
  ["would soon be shown no longer", { staleWhileRevalidateMs: 600_000 }, true],
  ["has less than half of its outage left", { staleIfErrorMs: 49 * HOUR_MS }, true],
  ["has half of it left", { staleIfErrorMs: 48 * HOUR_MS }, false],
] as const)("the same answer is written again where its copy %s", ([, change, expected]) => {
  expect(new KvWrites(1, NEXT).take({ ...COPY, ...change }, { hash: "same" }, NOW)).toBe(expected);
});

test("what somebody named is written whatever lies there, as long as anything may be", () => {
  const writes = new KvWrites(1, undefined);
  expect(writes.areGone).toBe(false);
  expect([1, 2].map(() => writes.take(COPY, { hash: "same" }, NOW))).toEqual([true, false]);
});
