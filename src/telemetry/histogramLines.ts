import { classicIndexOf } from "./classicIndexOf.ts";
import { CLASSIC_BOUNDS_SECONDS } from "./constants.ts";
import { labelPairs, numberText, sampleLine } from "./expositionLines.ts";
import type { Format } from "./formatOf.ts";
import { Histogram } from "./histogram.ts";
import type { Exemplar, HistogramEntry } from "./telemetryData.ts";

/**
 * The bounds as both formats are to write them: with a decimal point, as OpenMetrics and Prometheus 3 want it. The
 * classic format would write `1`; then one series had two names, by who scrapes.
 */
const LE_TEXTS: readonly string[] = [
  ...CLASSIC_BOUNDS_SECONDS.map((bound) => (Number.isInteger(bound) ? `${bound}.0` : String(bound))),
  "+Inf",
];

/**
 * The lines of one histogram. Count and sum are exact; the count at a bound includes all of the bucket of ours that
 * holds the bound, so it takes in what is up to 2.2 % over it. At 0.25 s and above the bounds are edges of buckets and
 * the counts exact; and everywhere for durations in whole milliseconds, which is what a Worker's clock gives.
 */
export function histogramLines(
  metric: string,
  labels: readonly string[],
  [values, sumMicros, buckets, exemplars]: HistogramEntry,
  format: Format,
): string[] {
  const histogram = Histogram.of({ sumMicros, buckets });
  const cumulative = histogram.cumulative([...CLASSIC_BOUNDS_SECONDS, Number.POSITIVE_INFINITY]);
  const pairs = labelPairs(labels, values);
  const traced = new Map(exemplars.map((exemplar) => [classicIndexOf(exemplar.value), exemplar]));
  const bucketLines = LE_TEXTS.map((le, index) => {
    const line = sampleLine(`${metric}_bucket`, `${pairs === "" ? "" : `${pairs},`}le="${le}"`, cumulative[index] ?? 0);
    const exemplar = traced.get(index);
    return exemplar && format === "openmetrics" ? `${line} ${exemplarText(exemplar)}` : line;
  });
  return [
    ...bucketLines,
    sampleLine(`${metric}_sum`, pairs, sumMicros / 1e6),
    sampleLine(`${metric}_count`, pairs, cumulative.at(-1) ?? 0),
  ];
}

function exemplarText({ traceId, value, at }: Exemplar): string {
  return `# {${labelPairs(["trace_id"], [traceId])}} ${numberText(value)} ${numberText(at / 1_000)}`;
}
