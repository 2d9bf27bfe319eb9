import { quantile } from "../report/quantile.ts";

/** The middle and the slow end, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

/** By nearest rank, to the microsecond: more is noise. */
export function latencyOf(durations: readonly number[]): Latency {
  return { p50: rounded(quantile(durations, 0.5)), p95: rounded(quantile(durations, 0.95)) };
}

/** To three places behind the point. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
