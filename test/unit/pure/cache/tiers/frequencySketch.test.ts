import fc from "fast-check";
import { expect, test } from "vitest";
import { FrequencySketch } from "../../../../../src/cache/tiers/frequencySketch.ts";
import { Random, zipf } from "../../../../../tools/seed/random.ts";

const SIZE = 4_096;

test("no key was counted more often than it says, before it forgets", () => {
  const digest = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(fc.array(digest, { maxLength: 200 }), (digests) => {
      const sketch = new FrequencySketch(SIZE);
      const counts = new Map<number, number>();
      for (const each of digests) {
        sketch.count(each);
        counts.set(each, (counts.get(each) ?? 0) + 1);
      }
      for (const [each, count] of counts) expect(sketch.estimate(each)).toBeGreaterThanOrEqual(count);
    }),
  );
});

test("what is hot stands out of many that come once or twice", () => {
  const random = new Random(1);
  const draw = zipf(20_000, 1);
  const digests = Array.from({ length: 20_000 }, () => random.uint32());
  const sketch = new FrequencySketch(SIZE);
  for (let asked = 0; asked < 10 * SIZE; asked++) sketch.count(digests[draw(random)] ?? 0);
  const estimates = digests.map((digest) => sketch.estimate(digest));
  const coldest = estimates.slice(1_000).sort((a, b) => b - a);
  expect(Math.min(...estimates.slice(0, 10))).toBeGreaterThan(coldest[190] ?? 0); // but for one in a hundred
});

test("what is no longer asked for is forgotten, half at a time", () => {
  const sketch = new FrequencySketch(SIZE);
  for (let time = 0; time < 200; time++) sketch.count(7);
  const random = new Random(1);
  const seen = [sketch.estimate(7)];
  for (let round = 0; round < 4; round++) {
    for (let asked = 0; asked < SIZE; asked++) sketch.count(random.uint32());
    seen.push(sketch.estimate(7));
  }
  expect(seen[0]).toBe(200);
  expect(seen[4]).toBeLessThan(20);
});

test("counts as far as a byte goes, and no farther", () => {
  const sketch = new FrequencySketch(SIZE);
  for (let time = 0; time < 300; time++) sketch.count(7);
  expect(sketch.estimate(7)).toBe(255);
});
