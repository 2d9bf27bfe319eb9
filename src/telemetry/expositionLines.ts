import { CATALOGUE, type MetricName } from "./catalogue.ts";
import type { Format } from "./formatOf.ts";

/** The pieces of both text formats. Source: Prometheus' exposition formats 0.0.4, OpenMetrics 1.0. */

/** `route="/api/pitches",status_class="2xx"`: names and values in the same order. */
export function labelPairs(names: readonly string[], values: readonly string[]): string {
  return names.map((name, at) => `${name}="${escaped(values[at] ?? "")}"`).join();
}

export function sampleLine(name: string, pairs: string, value: number): string {
  return `${name}${pairs === "" ? "" : `{${pairs}}`} ${numberText(value)}`;
}

/** What stands before a family's samples. OpenMetrics names a counter's family without its `_total`. */
export function headLines(metric: MetricName, format: Format): string[] {
  const { kind, unit, help } = CATALOGUE[metric];
  if (format === "classic") {
    return [`# HELP ${metric} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`, `# TYPE ${metric} ${kind}`];
  }
  const family = kind === "counter" ? metric.slice(0, -"_total".length) : metric;
  const unitLines = unit === "" ? [] : [`# UNIT ${family} ${unit}`];
  return [`# TYPE ${family} ${kind}`, ...unitLines, `# HELP ${family} ${escaped(help)}`];
}

/** A number as both formats read it. */
export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
