import { describe, expect, test } from "vitest";
import { type DayOptions, warmingDay } from "./warmingDay.ts";

const MINUTE_MS = 60_000;
const LOOKS_A_MINUTE = 6;

/** Lifetimes as long as the time between runs. */
const DAY: DayOptions = {
  seed: 1,
  keys: 20,
  everyMs: 5 * MINUTE_MS,
  writesPerDay: 30_000,
  subrequests: 1_000,
  fresh: 5 * MINUTE_MS,
  staleWhileRevalidate: 10 * MINUTE_MS,
  staleIfError: 24 * 60 * MINUTE_MS,
  changesEveryMs: 60 * MINUTE_MS,
  othersWrites: 0,
};

describe("a day of warming every five minutes", () => {
  test.for([1, 2, 3])("with enough of everything: after two runs nobody waits for a hot key (seed %i)", (seed) => {
    const { waits, needless } = warmingDay({ ...DAY, seed });
    expect(waits).toEqual([]);
    expect(needless).toBe(0);
  });

  test("writes the same answer again only when its copy would not last", () => {
    const changing = warmingDay({ ...DAY, changesEveryMs: MINUTE_MS });
    const still = warmingDay({ ...DAY, changesEveryMs: Number.MAX_SAFE_INTEGER });
    expect(still.waits).toEqual([]);
    expect(still.loads).toBe(changing.loads);
    expect(still.kvWrites).toBeLessThan(changing.kvWrites * 0.55);
  });
});

describe("a day of the free plan's 1,000 KV writes and 40 subrequests a run", () => {
  const FREE: DayOptions = { ...DAY, writesPerDay: 1_000, subrequests: 40, othersWrites: 100 };

  test.for([
    ["answers change each hour", 60 * MINUTE_MS, 1],
    ["answers change each minute", MINUTE_MS, 2],
    ["answers never change", Number.MAX_SAFE_INTEGER, 3],
  ] as const)("stays within it, and lets nobody wait for the hottest key: %s", ([, changesEveryMs, seed]) => {
    const day = warmingDay({ ...FREE, changesEveryMs, seed });
    const { kvWrites, othersWrites, needless, mostSubrequests, hottestWaits } = day;
    expect(kvWrites + othersWrites).toBeLessThanOrEqual(1_000);
    expect(kvWrites).toBeGreaterThan(800);
    expect(needless).toBe(0);
    expect(mostSubrequests).toBeLessThanOrEqual(40);
    expect(hottestWaits).toBe(0);
  });

  test("stays within it whatever others write, who may take a run's share: then the hottest waits for one run", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { kvWrites, othersWrites, hottestWaits } = warmingDay({ ...FREE, seed });
      expect(kvWrites + othersWrites, `seed ${seed}`).toBeLessThanOrEqual(1_000);
      expect(hottestWaits, `seed ${seed}`).toBeLessThanOrEqual(2 * LOOKS_A_MINUTE);
    }
  });

  test("stays within it every minute too", () => {
    const day = warmingDay({ ...FREE, everyMs: MINUTE_MS, changesEveryMs: MINUTE_MS });
    const { kvWrites, othersWrites, hottestWaits } = day;
    expect(kvWrites + othersWrites).toBeLessThanOrEqual(1_000);
    expect(hottestWaits).toBe(0);
  });
});
