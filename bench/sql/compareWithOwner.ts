import { REGRESSION_LEAST_BUFFERS } from "../../tools/indexes/prove/constants.ts";
import { quantile } from "../../tools/indexes/report/quantile.ts";
import { LEAST_MEDIAN_SAVING, LEAST_THROUGHPUT_RATIO, MOST_OF_OWNERS } from "./constants.ts";
import type { GoalResult } from "./goals.ts";

/** Buffers of one sample with each set; undefined: it failed. */
export interface ThreeWays {
  readonly key: string;
  readonly none: number | undefined;
  readonly owner: number | undefined;
  readonly ours: number | undefined;
  /** With ours its plan reads an index that a set made. */
  readonly isIndexed: boolean;
}

/** The goals that compare the sets. */
export function compareWithOwner(
  samples: readonly ThreeWays[],
  mixTps: Readonly<Record<"owner" | "ours", number>>,
): readonly GoalResult[] {
  const dearer = samples
    .map(({ key, owner = Number.POSITIVE_INFINITY, ours = Number.POSITIVE_INFINITY }) => ({ key, owner, ours }))
    // A buffer or two more of a handful are another plan's, and nobody's loss.
    .filter(({ owner, ours }) => ours > owner * MOST_OF_OWNERS && ours - owner > REGRESSION_LEAST_BUFFERS)
    .toSorted((one, other) => other.ours / other.owner - one.ours / one.owner);
  const [worst] = dearer;
  const savings = samples.flatMap(({ none, ours, isIndexed }) => (isIndexed && none && ours ? [1 - ours / none] : []));
  const saving = savings.length === 0 ? 0 : quantile(savings, 0.5);
  const ratio = mixTps.ours / mixTps.owner;
  return [
    {
      goal: `no query reads more than ${MOST_OF_OWNERS} times what it reads with the owner's`,
      isMet: worst === undefined,
      worst: worst ? `${worst.key}: ${worst.owner} → ${worst.ours}, one of ${dearer.length}` : "none does",
    },
    {
      goal: `the mix runs ≥ ${LEAST_THROUGHPUT_RATIO} times as often as with the owner's`,
      isMet: ratio >= LEAST_THROUGHPUT_RATIO,
      worst: `${mixTps.owner.toFixed(1)} → ${mixTps.ours.toFixed(1)} a second, ${ratio.toFixed(0)} times`,
    },
    {
      goal: `the middle query that has an index reads ≥ ${100 * LEAST_MEDIAN_SAVING} % less`,
      isMet: saving >= LEAST_MEDIAN_SAVING,
      worst: `${(100 * saving).toFixed(1)} %, of ${savings.length}`,
    },
  ];
}
