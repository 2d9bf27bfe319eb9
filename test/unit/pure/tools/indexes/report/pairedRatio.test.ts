import { describe, expect, it } from "vitest";
import { pairedRatio } from "../../../../../../tools/indexes/report/pairedRatio.ts";
import { quantile } from "../../../../../../tools/indexes/report/quantile.ts";
import { Random } from "../../../../../../tools/seed/random.ts";

const OPTIONS = { resamplings: 4_000, confidence: 0.99, seed: 1 };
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]) => quantile(values, 0.5);

describe("a paired bootstrap of a ratio", () => {
  it("has no width where every pair has the same ratio, however much the pairs differ", () => {
    const before = [1, 50, 3, 900, 7];
    const { ratio, low, high } = pairedRatio({ before, after: before.map((ms) => ms * 0.25) }, mean, OPTIONS);
    expect([ratio, low, high].map((value) => Number(value.toFixed(12)))).toEqual([0.25, 0.25, 0.25]);
  });

  it("draws pairs whole: the same values unpaired are much less certain", () => {
    const before = [1, 10, 100, 1_000];
    const whole = pairedRatio({ before, after: [2, 20, 200, 2_000] }, mean, OPTIONS);
    const mixed = pairedRatio({ before, after: [2_000, 200, 20, 2] }, mean, OPTIONS);
    expect(whole.high / whole.low).toBeCloseTo(1, 6);
    expect(mixed.high / mixed.low).toBeGreaterThan(100);
  });

  it("agrees with all 27 resamples of three pairs, counted out", () => {
    const before = [1, 2, 4];
    const after = [3, 2, 1];
    const all: number[] = [];
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++)
        for (let c = 0; c < 3; c++) {
          const drawn = [a, b, c];
          all.push(mean(drawn.map((at) => after[at] ?? 0)) / mean(drawn.map((at) => before[at] ?? 0)));
        }
    const options = { resamplings: 50_000, confidence: 0.8, seed: 3 };
    const { ratio, low, high } = pairedRatio({ before, after }, mean, options);
    expect(ratio).toBeCloseTo(6 / 7, 12);
    expect(low).toBeCloseTo(quantile(all, 0.1), 12);
    expect(high).toBeCloseTo(quantile(all, 0.9), 12);
  });

  it("holds the true ratio of medians about as often as it says", () => {
    const random = new Random(11);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const shared = Array.from({ length: 30 }, () => gauss() * 0.3);
      const before = shared.map((drift) => Math.exp(drift + gauss() * 0.2));
      const after = shared.map((drift) => 0.5 * Math.exp(drift + gauss() * 0.2));
      const { low, high } = pairedRatio({ before, after }, median, { resamplings: 400, confidence: 0.9, seed: trial });
      if (low <= 0.5 && high >= 0.5) held++;
    }
    expect(held / 200).toBeGreaterThan(0.82);
    expect(held / 200).toBeLessThan(0.99);
  });

  it("gives the same interval for the same seed", () => {
    const pairs = { before: [1, 2, 3, 4, 5], after: [2, 1, 4, 3, 9] };
    expect(pairedRatio(pairs, median, OPTIONS)).toEqual(pairedRatio(pairs, median, OPTIONS));
  });

  it.each([
    [[], []],
    [[1, 2], [1]],
  ])("refuses %j and %j, which are no pairs", (before, after) => {
    expect(() => pairedRatio({ before, after }, mean, OPTIONS)).toThrow(/pairs need as many of both/);
  });
});
