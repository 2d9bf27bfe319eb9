import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeSummaries } from "../../../../../src/cache/heat/mergeSummaries.ts";
import { type HeatSummary, SpaceSaving } from "../../../../../src/cache/heat/spaceSaving.ts";
import { surelyHit } from "../../../../../src/cache/heat/surelyHit.ts";
import { Random, zipf } from "../../../../../tools/seed/random.ts";

function summaryOf(keys: readonly string[], capacity?: number): HeatSummary {
  const heat = new SpaceSaving(capacity);
  for (const key of keys) heat.hit(key);
  return heat.take();
}

function exact(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Whether all that a summary says is true of what came. */
function expectTrue({ counters, floor }: HeatSummary, keys: readonly string[]): void {
  const told = new Map(counters.map((each) => [each.key, each]));
  expect(told.size).toBe(counters.length);
  for (const [key, came] of exact(keys)) {
    const { count, error } = told.get(key) ?? { count: floor, error: floor };
    expect(count).toBeGreaterThanOrEqual(came);
    expect(count - error).toBeLessThanOrEqual(came);
  }
}

/** Few hot keys and many cold ones. */
const stream = fc.array(
  fc.oneof(fc.nat(3), fc.nat(20), fc.nat(500)).map((key) => `k${key}`),
  { maxLength: 400 },
);

describe("one isolate's summary", () => {
  test("is exact while every key has a counter of its own", () => {
    expect(summaryOf(["a", "b", "a", "c", "a", "b"], 3)).toEqual({
      counters: [
        { key: "a", count: 3, error: 0 },
        { key: "b", count: 2, error: 0 },
        { key: "c", count: 1, error: 0 },
      ],
      floor: 1,
    });
    expect(summaryOf(["a"], 3).floor).toBe(0);
  });

  test("gives a newcomer the smallest counter, and says how much of it may not be its own", () => {
    expect(summaryOf(["a", "a", "a", "b", "b", "c"], 2).counters).toEqual([
      { key: "a", count: 3, error: 0 },
      { key: "c", count: 3, error: 2 },
    ]);
  });

  test("never says less than what came, nor surely more, and adds up to all that came", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 16 }), (keys, capacity) => {
        const summary = summaryOf(keys, capacity);
        expectTrue(summary, keys);
        expect(summary.counters.reduce((sum, { count }) => sum + count, 0)).toBe(keys.length);
        expect(summary.floor).toBeLessThanOrEqual(keys.length / capacity);
        for (const { count, error } of summary.counters) expect(count - error).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test("has every key that came more often than one in as many times as it has counters", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 16 }), (keys, capacity) => {
        const told = new Set(summaryOf(keys, capacity).counters.map(({ key }) => key));
        for (const [key, came] of exact(keys)) {
          if (came > keys.length / capacity) expect(told).toContain(key);
        }
      }),
    );
  });

  test("begins anew with each take", () => {
    const heat = new SpaceSaving(4);
    fc.assert(
      fc.property(stream, (keys) => {
        for (const key of keys) heat.hit(key);
        expect(heat.take()).toEqual(summaryOf(keys, 4));
      }),
    );
    expect(heat.take()).toEqual({ counters: [], floor: 0 });
  });
});

describe("what surely came", () => {
  test("is told most first, and never a key more often than it came", () => {
    fc.assert(
      fc.property(stream, (keys) => {
        const hits = surelyHit(summaryOf(keys, 8));
        const came = exact(keys);
        for (const [key, times] of hits) expect(times).toBeLessThanOrEqual(came.get(key) ?? 0);
        expect(hits.map(([, times]) => times)).toEqual(hits.map(([, times]) => times).sort((a, b) => b - a));
      }),
    );
  });

  test("leaves keys that came once behind those that came often, though their counters are as great", () => {
    const once = Array.from({ length: 300 }, (_, index) => `once${index}`);
    const keys = once.flatMap((key, index) => (index % 4 === 0 ? [key, "often"] : [key]));
    const [hottest, next] = surelyHit(summaryOf(keys, 8));
    expect(hottest?.[0]).toBe("often");
    expect(hottest?.[1]).toBeGreaterThan(50);
    expect(next?.[1]).toBe(1);
  });
});

describe("summaries together", () => {
  test("say nothing untrue of all that was counted, and need no order", () => {
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 5 }), fc.integer({ min: 1, max: 16 }), (streams, capacity) => {
        const summaries = streams.map((keys) => summaryOf(keys, capacity));
        const merged = mergeSummaries(summaries, capacity);
        const all = streams.flat();
        expectTrue(merged, all);
        expect(merged.counters.length).toBeLessThanOrEqual(capacity);
        expect(mergeSummaries(summaries.toReversed(), capacity)).toEqual(merged);
      }),
    );
  });

  test("can be merged in steps", () => {
    fc.assert(
      fc.property(fc.tuple(stream, stream, stream), ([a, b, c]) => {
        const first = mergeSummaries([summaryOf(a, 8), summaryOf(b, 8)], 8);
        expectTrue(mergeSummaries([first, summaryOf(c, 8)], 8), [...a, ...b, ...c]);
      }),
    );
  });
});

describe("20 isolates of 64 counters each, and 100,000 keys after Zipf's law", () => {
  const RANKS = 100_000;
  const ISOLATES = 20;
  const draw = zipf(RANKS, 1);

  /** So many reports of each isolate, of so many requests. */
  function hottest(seed: number, reports: number, requests: number): string[] {
    const random = new Random(seed);
    const sums = new Map<string, number>();
    for (let report = 0; report < reports * ISOLATES; report++) {
      const heat = new SpaceSaving();
      for (let request = 0; request < requests; request++) heat.hit(`k${draw(random)}`);
      for (const [key, hits] of surelyHit(heat.take())) sums.set(key, (sums.get(key) ?? 0) + hits);
    }
    return [...sums].sort(([, a], [, b]) => b - a).map(([key]) => key);
  }

  test.for([1, 2, 3])("find at least 18 of the 20 hottest in five minutes' reports (seed %i)", (seed) => {
    const found = new Set(hottest(seed, 30, 500).slice(0, 20));
    const right = Array.from({ length: 20 }, (_, rank) => `k${rank}`).filter((key) => found.has(key));
    expect(right.length).toBeGreaterThanOrEqual(18);
  });
});
