import { Random } from "../../seed/random.ts";
import { quantile } from "./quantile.ts";

/** A ratio, and between what it lies. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface PairedSamples {
  readonly before: readonly number[];
  /** As many; the ones at the same place belong together. */
  readonly after: readonly number[];
}

/**
 * How much a statistic of `after` is of the same of `before`, with its percentile-bootstrap interval (Efron and
 * Tibshirani, "An Introduction to the Bootstrap", ch. 13): whole pairs are drawn with replacement, so that what both
 * have in common stays in common. The same seed gives the same interval.
 */
export function pairedRatio(
  { before, after }: PairedSamples,
  statistic: (values: readonly number[]) => number,
  options: { readonly resamplings: number; readonly confidence: number; readonly seed: number },
): RatioInterval {
  if (before.length !== after.length || before.length === 0) {
    throw new Error(`There are ${before.length} values before and ${after.length} after: pairs need as many of both.`);
  }
  const random = new Random(options.seed);
  const ratios: number[] = [];
  for (let resampling = 0; resampling < options.resamplings; resampling++) {
    const drawn = before.map(() => random.below(before.length));
    ratios.push(statistic(drawn.map((at) => after[at] ?? 0)) / statistic(drawn.map((at) => before[at] ?? 0)));
  }
  const outside = (1 - options.confidence) / 2;
  return {
    ratio: statistic(after) / statistic(before),
    low: quantile(ratios, outside),
    high: quantile(ratios, 1 - outside),
  };
}
