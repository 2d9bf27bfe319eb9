/** The middle and the slow end of some durations, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** By nearest rank: a percentile is always one of the durations that were measured. Rounded to microseconds. */
export function percentiles(durations: readonly number[]): Percentiles {
  if (durations.length === 0) throw new Error("there are no percentiles of nothing");
  const sorted = [...durations].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: rounded(rank(0.5)), p99: rounded(rank(0.99)) };
}

/** To three places behind the point: more is noise. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
