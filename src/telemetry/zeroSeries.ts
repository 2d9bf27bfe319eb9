import { CATALOGUE, type MetricName } from "./catalogue.ts";
import { Dimensions, type KnownValues } from "./dimensions.ts";
import type { TelemetryData } from "./telemetryData.ts";

/**
 * Every series that can be foreseen, at zero. One that first appears with its first burst has not increased in the eyes
 * of Prometheus: the first errors after a deploy would be invisible.
 */
export function zeroSeries(known: KnownValues): TelemetryData {
  const dimensions = new Dimensions(known);
  const zeros: TelemetryData = { counters: [], histograms: [] };
  for (const metric of Object.keys(CATALOGUE) as MetricName[]) {
    const { kind } = CATALOGUE[metric];
    const labels = Object.keys(CATALOGUE[metric].labels);
    const sets = dimensions.labelSets(metric);
    if (kind === "counter") zeros.counters.push({ metric, labels, series: sets.map((values) => [values, 0]) });
    if (kind === "histogram") {
      zeros.histograms.push({ metric, labels, series: sets.map((values) => [values, 0, [], []]) });
    }
  }
  return zeros;
}
