import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_SECONDS, MIN_SECONDS } from "../../../../src/telemetry/constants.ts";
import { boundsOf, bucketOf, Histogram, OVERFLOW, UNDERFLOW } from "../../../../src/telemetry/histogram.ts";
import { Random } from "../../../../tools/seed/random.ts";

const MAX_ERROR = 0.011;

const inRange = fc.double({ min: MIN_SECONDS, max: MAX_SECONDS, noNaN: true });
const anything = fc.double({ min: 0, max: 2 * MAX_SECONDS, noNaN: true });

function histogramOf(seconds: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const one of seconds) histogram.observe(one);
  return histogram;
}

describe("a bucket", () => {
  test("of a duration is the one whose bounds hold it, the upper edge included", () => {
    fc.assert(
      fc.property(inRange, (seconds) => {
        const { lower, upper } = boundsOf(bucketOf(seconds));
        // An edge itself is a rounded number: what lies within a few units of it in the last place may go to either side.
        expect(seconds).toBeGreaterThan(lower * (1 - 1e-15));
        expect(seconds).toBeLessThanOrEqual(upper * (1 + 1e-15));
      }),
    );
  });

  test("is a 32nd of a factor of two wide, and begins where the one before ends", () => {
    for (let index = UNDERFLOW + 1; index < OVERFLOW; index++) {
      const { lower, upper } = boundsOf(index);
      expect(upper / lower).toBeCloseTo(2 ** (1 / 32), 12);
      expect(boundsOf(index - 1).upper).toBe(lower);
    }
  });

  test.for(Array.from({ length: 31 }, (_, at) => 2 ** (at - 19)))("ends exactly at %d s", (seconds) => {
    expect(boundsOf(bucketOf(seconds)).upper).toBe(seconds);
    expect(bucketOf(seconds * (1 + 1e-12))).toBe(bucketOf(seconds) + 1);
  });

  test.for([
    [MIN_SECONDS, 1],
    [MAX_SECONDS, OVERFLOW - 1],
    [9e-7, UNDERFLOW],
    [Number.MIN_VALUE, UNDERFLOW],
    [0, UNDERFLOW],
    [-1, UNDERFLOW],
    [Number.NaN, UNDERFLOW],
    [3_700, OVERFLOW],
    [Number.MAX_VALUE, OVERFLOW],
    [Number.POSITIVE_INFINITY, OVERFLOW],
  ])("of %d s is number %d", ([seconds, index]) => {
    expect(bucketOf(seconds ?? 0)).toBe(index);
  });

  test("at either end is open", () => {
    expect(boundsOf(UNDERFLOW).lower).toBe(0);
    expect(boundsOf(OVERFLOW).upper).toBe(Number.POSITIVE_INFINITY);
  });
});

/** Durations as they come: tight, skewed, heavy-tailed, two humps, and the whole milliseconds of a Worker's clock. */
const DISTRIBUTIONS: Readonly<Record<string, (random: Random) => number>> = {
  uniform: (random) => 0.001 + random.next() * 0.2,
  exponential: (random) => -0.03 * Math.log(1 - random.next()),
  "log-normal": (random) => 0.02 * Math.exp(0.8 * normal(random)),
  pareto: (random) => Math.min(3_000, 0.002 * random.pareto(1.1)),
  bimodal: (random) => (random.next() < 0.93 ? 0.004 + 0.001 * random.next() : 1.2 + 0.5 * random.next()),
  "whole milliseconds": (random) => Math.ceil(40 * random.pareto(1.5)) / 1_000,
  "microseconds to an hour": (random) => MIN_SECONDS * (MAX_SECONDS / MIN_SECONDS) ** random.next(),
  constant: () => 0.0471,
};

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function nearestRank(sorted: readonly number[], q: number): number {
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
}

describe("a quantile", () => {
  const cases = Object.entries(DISTRIBUTIONS).flatMap(([name, draw]) =>
    [1, 2, 3].map((seed) => [name, seed, draw] as const),
  );
  test.for(cases)("of a %s distribution (seed %d) is at most 1.1 %% off", ([, seed, draw]) => {
    const random = new Random(seed);
    const durations = Array.from({ length: 20_000 }, () => draw(random));
    const histogram = histogramOf(durations);
    const sorted = durations.toSorted((a, b) => a - b);
    for (const q of [0.5, 0.9, 0.99, 0.999]) {
      const exact = nearestRank(sorted, q);
      expect(Math.abs((histogram.quantile(q) ?? Number.NaN) / exact - 1)).toBeLessThanOrEqual(MAX_ERROR);
    }
  });

  test("is at most 1.1 % off whatever was observed within the range", () => {
    const q = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(inRange, { minLength: 1, maxLength: 200 }), q, (durations, share) => {
        const exact = nearestRank(
          durations.toSorted((a, b) => a - b),
          share,
        );
        const shown = histogramOf(durations).quantile(share) ?? Number.NaN;
        expect(Math.abs(shown / exact - 1)).toBeLessThanOrEqual(MAX_ERROR);
      }),
    );
  });

  test("of what is out of range is the end of the range, and of nothing is undefined", () => {
    expect(histogramOf([1e-9]).quantile(0.5)).toBeCloseTo(MIN_SECONDS, 8);
    expect((histogramOf([1e9]).quantile(0.5) ?? 0) / MAX_SECONDS).toBeCloseTo(1.02, 2);
    expect(new Histogram().quantile(0.5)).toBeUndefined();
  });
});

describe("a histogram", () => {
  test("merged from parts is the histogram of the whole, in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.array(anything), { maxLength: 6 }), (parts) => {
        const merged = new Histogram();
        for (const part of parts.toReversed()) merged.add(histogramOf(part).sparse());
        expect(merged.sparse()).toEqual(histogramOf(parts.flat()).sparse());
      }),
    );
  });

  test("loses no observation, in range or not", () => {
    const odd = [0, -1, Number.NaN, 1e-9, 1e9, Number.POSITIVE_INFINITY, 0.5];
    expect(histogramOf(odd).count).toBe(odd.length);
  });

  test("sums to the microsecond, and never downwards", () => {
    expect(histogramOf([0.1, 0.2, 0.000_001]).sumMicros).toBe(300_001);
    expect(histogramOf([0.1, -5, Number.NaN]).sumMicros).toBe(100_000);
    expect(histogramOf([Number.POSITIVE_INFINITY]).sumMicros).toBe(MAX_SECONDS * 1e6);
  });

  test("stops at the largest exact number rather than leave it", () => {
    const full = Histogram.of({ sumMicros: Number.MAX_SAFE_INTEGER, buckets: [5, Number.MAX_SAFE_INTEGER] });
    full.add({ sumMicros: 1, buckets: [5, 1] });
    expect(full.sparse()).toEqual({ sumMicros: Number.MAX_SAFE_INTEGER, buckets: [5, Number.MAX_SAFE_INTEGER] });
  });

  test("takes buckets of a wider neighbour as overflow", () => {
    expect(Histogram.of({ sumMicros: 0, buckets: [3, 1, 9_999, 2, 4, 3] }).sparse().buckets).toEqual([
      3,
      1,
      OVERFLOW - 3,
      5,
    ]);
  });

  test("counts up to a bound exactly but for the bucket that holds the bound", () => {
    const bound = fc.constantFrom(0.001, 0.05, 0.1, 0.25, 1, 16);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), bound, (durations, le) => {
        const [shown = 0] = histogramOf(durations).cumulative([le]);
        const { upper } = boundsOf(bucketOf(le));
        expect(shown).toBeGreaterThanOrEqual(durations.filter((seconds) => seconds <= le).length);
        expect(shown).toBeLessThanOrEqual(durations.filter((seconds) => seconds <= upper * (1 + 1e-15)).length);
      }),
    );
  });

  test("counts up to 0.25, 0.5 and 1 s exactly", () => {
    const edges = [0.25, 0.5, 1];
    const around = edges.flatMap((edge) => [edge * (1 - 1e-9), edge, edge * (1 + 1e-9)]);
    expect(histogramOf(around).cumulative(edges)).toEqual([2, 5, 8]);
  });
});
