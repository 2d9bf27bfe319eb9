import { CATALOGUE, type MetricName } from "./catalogue.ts";
import type { KnownValues } from "./dimensions.ts";
import { headLines, labelPairs, sampleLine } from "./expositionLines.ts";
import { CONTENT_TYPES, type Format } from "./formatOf.ts";
import { histogramLines } from "./histogramLines.ts";
import type { GaugeSample } from "./nodeStateGauges.ts";
import type { TelemetryData } from "./telemetryData.ts";
import { Totals } from "./totals.ts";
import { zeroSeries } from "./zeroSeries.ts";

export interface Scrape {
  /** The totals of every Collector there is. Refuse a scrape that misses one: its counters would step back. */
  readonly totals: readonly TelemetryData[];
  /** What was computed for this scrape. Of two samples of one series the last counts. */
  readonly gauges: readonly GaugeSample[];
  /** Routes, nodes and crons, whose series are there at zero before anything happened. */
  readonly known: KnownValues;
  readonly format: Format;
}

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Sums the totals and prints them with the gauges, in the catalogue's order. Families without a series are left out. */
export function expose({ totals, gauges, known, format }: Scrape): Exposition {
  const sum = new Totals();
  for (const data of [zeroSeries(known), ...totals]) sum.add(data);
  const lines = linesByMetric(sum.data(), gauges, format);
  const families = (Object.keys(CATALOGUE) as MetricName[]).flatMap((metric) => {
    const ofMetric = lines.get(metric) ?? [];
    return ofMetric.length === 0 ? [] : [...headLines(metric, format), ...ofMetric];
  });
  const end = format === "openmetrics" ? ["# EOF"] : [];
  return { contentType: CONTENT_TYPES[format], body: [...families, ...end, ""].join("\n") };
}

function linesByMetric(
  { counters, histograms }: TelemetryData,
  gauges: readonly GaugeSample[],
  format: Format,
): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const { metric, labels, series } of counters) {
    lines.set(
      metric,
      series.map(([values, count]) => sampleLine(metric, labelPairs(labels, values), count)),
    );
  }
  for (const { metric, labels, series } of histograms) {
    lines.set(
      metric,
      series.flatMap((entry) => histogramLines(metric, labels, entry, format)),
    );
  }
  const byGauge = Map.groupBy(gauges, ({ name }) => name);
  for (const [metric, samples] of byGauge) lines.set(metric, gaugeLines(samples));
  return lines;
}

function gaugeLines(samples: readonly GaugeSample[]): string[] {
  const bySeries = new Map<string, string>();
  for (const { name, labels, value } of samples) {
    const pairs = labelPairs(Object.keys(labels), Object.values(labels));
    bySeries.set(pairs, sampleLine(name, pairs, value));
  }
  return [...bySeries.values()];
}
