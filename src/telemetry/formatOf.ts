/** `classic`: Prometheus' text format 0.0.4. `openmetrics`: OpenMetrics 1.0, which has exemplars. */
export type Format = "classic" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  classic: "text/plain; version=0.0.4",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The versions of OpenMetrics that a scraper may name and read what we write; "" is none named. */
const OPENMETRICS_VERSIONS: readonly string[] = ["", "1.0.0", "0.0.1"];

/** OpenMetrics where the `Accept` header names it and wants it at least as much as plain text; else classic. */
export function formatOf(acceptHeader: string | null): Format {
  let openmetrics = 0;
  let classic = 0;
  for (const range of (acceptHeader ?? "").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const { q = "1", version = "" } = Object.fromEntries(parameters.map(nameAndValue));
    const weight = Number(q);
    if (!(weight > 0)) continue;
    if (type === "application/openmetrics-text" && OPENMETRICS_VERSIONS.includes(version)) {
      openmetrics = Math.max(openmetrics, weight);
    }
    if (type === "text/plain") classic = Math.max(classic, weight);
  }
  return openmetrics > 0 && openmetrics >= classic ? "openmetrics" : "classic";
}

function nameAndValue(parameter: string): [name: string, value: string] {
  const [name = "", value = ""] = parameter.split("=").map((part) => part.trim());
  return [name, value.replaceAll('"', "")];
}
