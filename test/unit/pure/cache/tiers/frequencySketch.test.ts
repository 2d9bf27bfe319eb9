import fc from "fast-check";
import { expect, test } from "vitest";
import { SKETCH_HALVED_AFTER } from "../../../../../src/cache/tiers/constants.ts";
import { FrequencySketch } from "../../../../../src/cache/tiers/frequencySketch.ts";

const digest = fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 0xffffffff }));

test("no key is counted too seldom, up to 255", () => {
  fc.assert(
    fc.property(fc.array(digest, { maxLength: 500 }), (digests) => {
      const sketch = new FrequencySketch();
      const exact = new Map<number, number>();
      for (const each of digests) {
        sketch.count(each);
        exact.set(each, (exact.get(each) ?? 0) + 1);
      }
      for (const [each, count] of exact) expect(sketch.of(each)).toBeGreaterThanOrEqual(Math.min(255, count));
    }),
  );
});

test("few keys share all their counters: what was never asked for is hardly ever taken for hot", () => {
  const sketch = new FrequencySketch();
  const mixed = (at: number) => Math.imul(at, 0x9e3779b1) >>> 0;
  for (let at = 0; at < 5_000; at++) for (let times = 0; times < 10; times++) sketch.count(mixed(at));
  const taken = Array.from({ length: 5_000 }, (_, at) => sketch.of(mixed(at + 5_000))).filter((count) => count > 0);
  expect(taken.length).toBeLessThan(100);
});

test("a count stays at 255, and is halved with all others", () => {
  const sketch = new FrequencySketch();
  for (let times = 0; times < SKETCH_HALVED_AFTER - 1; times++) sketch.count(7);
  expect(sketch.of(7)).toBe(255);
  sketch.count(8);
  expect([sketch.of(7), sketch.of(8)]).toEqual([127, 0]);
});
