import { expect, test } from "vitest";
import { KvLeft } from "../../../../../src/cache/heat/kvLeft.ts";

const NOON = 43_200_000;
const DAY_MS = 86_400_000;

test("KV is written to until somebody says that the day's budget is gone, and again on the next day", () => {
  const left = new KvLeft(10);
  expect(left.isAny(NOON)).toBe(true);
  left.told(1, NOON);
  expect(left.isAny(NOON)).toBe(true);
  left.told(0, NOON);
  expect([left.isAny(NOON), left.isAny(DAY_MS - 1), left.isAny(DAY_MS)]).toEqual([false, false, true]);
});

test("KV is never written to where there is no budget", () => {
  expect(new KvLeft(0).isAny(NOON)).toBe(false);
});
