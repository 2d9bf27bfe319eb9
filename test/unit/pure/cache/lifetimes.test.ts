import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LifetimeRange, nextFreshMs, type Reload, spreadFreshMs } from "../../../../src/cache/lifetimes.ts";

const RANGE: LifetimeRange = { floorMs: 10_000, ceilingMs: 500_000 };

/** Lifetimes of a key that was reloaded when each was over. */
function lifetimes(found: readonly Reload["found"][], range = RANGE, from = nextFreshMs(undefined, range)): number[] {
  const lives = [from];
  for (const each of found) {
    const freshMs = lives.at(-1) ?? 0;
    lives.push(nextFreshMs({ freshMs, heldMs: freshMs + 1, found: each }, range));
  }
  return lives;
}

const times = <T>(count: number, ...each: T[]): T[] => Array.from({ length: count }, () => each).flat();

describe("a key's next lifetime", () => {
  test("begins at the floor", () => {
    expect(nextFreshMs(undefined, RANGE)).toBe(10_000);
  });

  test("rises to the ceiling in ten reloads that change nothing, and stays there", () => {
    const lives = lifetimes(times(12, "same" as const));
    expect(lives.slice(0, 3)).toEqual([10_000, 15_000, 22_500]);
    expect(lives.slice(10)).toEqual([500_000, 500_000, 500_000]);
  });

  test("falls to the floor where each reload finds another answer", () => {
    expect(lifetimes(times(6, "changed" as const), RANGE, 500_000)).toEqual([
      500_000, 250_000, 125_000, 62_500, 31_250, 15_625, 10_000,
    ]);
  });

  test("settles where answers change every other time, one step up and down", () => {
    const lives = lifetimes(times(20, "same" as const, "changed" as const), RANGE, 500_000).slice(-6);
    expect(new Set(lives)).toEqual(new Set([10_000, 15_000]));
  });

  test("stays where a bump had announced the change", () => {
    expect(lifetimes(times(3, "bumped" as const), RANGE, 40_000)).toEqual([40_000, 40_000, 40_000, 40_000]);
  });

  test.for([
    ["at once", 0, 60_000],
    ["after half of it", 30_000, 60_000],
    ["ahead of its end", 54_000, 81_000],
    ["long after it", 600_000, 90_000],
  ] as const)("grows by no more than the time that was seen: reloaded %s", ([, heldMs, expected]) => {
    expect(nextFreshMs({ freshMs: 60_000, heldMs, found: "same" }, RANGE)).toBe(expected);
  });

  const reload = fc.record({
    freshMs: fc.nat(1_000_000),
    heldMs: fc.nat(1_000_000),
    found: fc.constantFrom("same", "changed", "bumped"),
  });

  test("is within the route's limits, whatever it was before and however it is spread", () => {
    fc.assert(
      fc.property(
        reload,
        fc.nat(600_000),
        fc.nat(600_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (each, a, b, random) => {
          const range = { floorMs: Math.min(a, b), ceilingMs: Math.max(a, b) };
          for (const ms of [nextFreshMs(each, range), spreadFreshMs(nextFreshMs(each, range), range, random)]) {
            expect(ms).toBeGreaterThanOrEqual(range.floorMs);
            expect(ms).toBeLessThanOrEqual(range.ceilingMs);
          }
        },
      ),
    );
  });

  test("is nothing where both limits are nothing", () => {
    const never = { floorMs: 0, ceilingMs: 0 };
    fc.assert(fc.property(reload, (each) => nextFreshMs(each, never) === 0 && spreadFreshMs(0, never, 0.9) === 0));
  });
});

describe("the spread of expiries", () => {
  test.for([
    [100_000, 0, 90_000],
    [100_000, 0.5, 100_000],
    [100_000, 1, 110_000],
    [500_000, 0, 450_000],
    [500_000, 1, 500_000],
    [10_000, 0, 10_000],
    [10_000, 1, 11_000],
  ] as const)("%i ms, %d: %i ms", ([freshMs, random, expected]) => {
    expect(spreadFreshMs(freshMs, RANGE, random)).toBeCloseTo(expected, 6);
  });

  test("leaves no crowd at the ceiling", () => {
    const spread = Array.from({ length: 100 }, (_, index) => spreadFreshMs(500_000, RANGE, index / 100));
    expect(new Set(spread).size).toBe(100);
  });
});
