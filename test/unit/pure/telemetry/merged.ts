import { Histogram } from "../../../../src/telemetry/histogram.ts";
import type { TelemetryData } from "../../../../src/telemetry/telemetryData.ts";

/** Data as a flat record by metric and labels, so that the same counts compare as equal however they were split. */
export function merged(parts: readonly TelemetryData[]): Record<string, unknown> {
  const counts = new Map<string, number>();
  const histograms = new Map<string, Histogram>();
  for (const { metric, series } of parts.flatMap(({ counters }) => counters)) {
    for (const [values, count] of series) {
      const key = `${metric} ${values.join(" ")}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  for (const { metric, series } of parts.flatMap((part) => part.histograms)) {
    for (const [values, sumMicros, buckets] of series) {
      const key = `${metric} ${values.join(" ")}`;
      const histogram = histograms.get(key) ?? new Histogram();
      histogram.add({ sumMicros, buckets });
      histograms.set(key, histogram);
    }
  }
  return Object.fromEntries([
    ...counts,
    ...[...histograms].map(([key, histogram]) => [key, histogram.sparse()] as const),
  ]);
}
