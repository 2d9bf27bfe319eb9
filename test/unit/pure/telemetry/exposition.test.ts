import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../../src/telemetry/catalogue.ts";
import { CLASSIC_BOUNDS_SECONDS } from "../../../../src/telemetry/constants.ts";
import type { KnownValues } from "../../../../src/telemetry/dimensions.ts";
import { expose, type Scrape } from "../../../../src/telemetry/exposition.ts";
import { TelemetryLedger } from "../../../../src/telemetry/ledger.ts";
import { nodeStateGauges } from "../../../../src/telemetry/nodeStateGauges.ts";
import type { TelemetryData } from "../../../../src/telemetry/telemetryData.ts";
import { Totals } from "../../../../src/telemetry/totals.ts";
import { type ParsedFamily, parseOpenMetrics } from "./parseOpenMetrics.ts";

const KNOWN: KnownValues = { route: ["/api/pitches", "/api/search"], node: ["node-1"], cron: ["* * * * *"] };
const DURATIONS = "breakwater_http_request_duration_seconds";

/** What a Collector holds once an isolate in which `happened` was told off. */
function collected(happened: (ledger: TelemetryLedger) => void, known: KnownValues = KNOWN): TelemetryData {
  const ledger = new TelemetryLedger(known);
  const totals = new Totals();
  happened(ledger);
  for (let delta = ledger.take(); delta; delta = ledger.take()) totals.merge(delta);
  return totals.data();
}

const print = (scrape: Partial<Scrape>) =>
  expose({ totals: [], gauges: [], known: KNOWN, format: "openmetrics", ...scrape }).body;

function shown(families: Map<string, ParsedFamily>, name: string, labels: Readonly<Record<string, string>>) {
  const samples = [...families.values()].flatMap((family) => family.samples);
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return samples.find((one) => one.name === name && JSON.stringify(Object.entries(one.labels).sort()) === wanted)
    ?.value;
}

describe("the first scrape", () => {
  const families = parseOpenMetrics(print({}));

  test("shows every counter and histogram at zero, with all its label values", () => {
    const samples = [...families.values()].flatMap((family) => family.samples);
    expect(samples.every(({ value }) => value === 0)).toBe(true);
    const names = Object.entries(CATALOGUE).flatMap(([name, { kind }]) => (kind === "gauge" ? [] : [name]));
    expect([...families.values()].map(({ name, type }) => (type === "counter" ? `${name}_total` : name))).toEqual(
      names,
    );
    for (const route of ["/api/pitches", "/api/search", "other"]) {
      for (const status_class of ["2xx", "3xx", "4xx", "5xx"]) {
        expect(shown(families, "breakwater_http_requests_total", { route, status_class })).toBe(0);
      }
      expect(shown(families, `${DURATIONS}_bucket`, { route, le: "0.25" })).toBe(0);
      expect(shown(families, `${DURATIONS}_count`, { route })).toBe(0);
    }
    expect(families.get("breakwater_database_attempts")?.samples).toHaveLength(3 * 8);
    expect(shown(families, "breakwater_writes_unknown_outcome_total", {})).toBe(0);
  });

  test("has the same series as the next one", () => {
    const seriesOf = (text: string) => [...text.matchAll(/^(\w.*) \S+$/gm)].map(([, series]) => series);
    const totals = [
      collected((ledger) => {
        ledger.counter("breakwater_http_requests_total", { route: "/api/search", status_class: "5xx" }).add(9);
        ledger.histogram(DURATIONS, { route: "/api/search" }).observe(0.1);
      }),
    ];
    expect(seriesOf(print({ totals }))).toEqual(seriesOf(print({})));
  });
});

describe("an exposition", () => {
  test("in the classic format is what Prometheus documents", () => {
    const totals = [
      collected((ledger) => {
        ledger.counter("breakwater_cron_runs_total", { cron: "* * * * *", outcome: "ok" }).add(3);
        ledger.histogram("breakwater_exchange_duration_seconds", {}).observe(0.3, { traceId: "t", at: 1 });
      }),
    ];
    const gauges = [{ name: "breakwater_view_age_seconds", labels: { part: "breaker" }, value: 1.5 }] as const;
    const { body, contentType } = expose({ totals, gauges, known: KNOWN, format: "classic" });
    expect(contentType).toBe("text/plain; version=0.0.4");
    expect(body).toContain(
      [
        "# HELP breakwater_cron_runs_total Runs of each cron trigger, by how they ended.",
        "# TYPE breakwater_cron_runs_total counter",
        'breakwater_cron_runs_total{cron="* * * * *",outcome="ok"} 3',
        'breakwater_cron_runs_total{cron="* * * * *",outcome="failed"} 0',
      ].join("\n"),
    );
    expect(body).toContain(
      [
        "# TYPE breakwater_exchange_duration_seconds histogram",
        ...["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25"].map(
          (le) => `breakwater_exchange_duration_seconds_bucket{le="${le}"} 0`,
        ),
        ...["0.5", "1.0", "2.0", "4.0", "8.0", "16.0", "+Inf"].map(
          (le) => `breakwater_exchange_duration_seconds_bucket{le="${le}"} 1`,
        ),
        "breakwater_exchange_duration_seconds_sum 0.3",
        "breakwater_exchange_duration_seconds_count 1",
      ].join("\n"),
    );
    expect(body.endsWith('breakwater_view_age_seconds{part="breaker"} 1.5\n')).toBe(true);
    expect(body).not.toMatch(/# (UNIT|EOF)|trace_id/);
  });

  test("in OpenMetrics has units, counters' families without _total, and exemplars in the bucket of their value", () => {
    const totals = [
      collected((ledger) => {
        ledger.histogram(DURATIONS, { route: "/api/search" }).observe(0.3, { traceId: "0af7", at: 1_700_000_000_123 });
      }),
    ];
    const { body, contentType } = expose({ totals, gauges: [], known: KNOWN, format: "openmetrics" });
    expect(contentType).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    const families = parseOpenMetrics(body);
    expect(families.get(DURATIONS)).toMatchObject({ type: "histogram", unit: "seconds" });
    expect(families.get("breakwater_http_requests")).toMatchObject({ type: "counter", unit: "" });
    const traced = families.get(DURATIONS)?.samples.filter(({ exemplar }) => exemplar);
    expect(traced).toEqual([
      {
        name: `${DURATIONS}_bucket`,
        labels: { route: "/api/search", le: "0.5" },
        value: 1,
        exemplar: { labels: { trace_id: "0af7" }, value: 0.3, at: 1_700_000_000.123 },
      },
    ]);
  });

  test("adds up what all Collectors hold", () => {
    const one = collected((ledger) => {
      ledger.counter("breakwater_log_lines_total", { level: "error" }).add(2);
      ledger.histogram(DURATIONS, { route: "/api/search" }).observe(0.1);
    });
    const families = parseOpenMetrics(print({ totals: [one, one, one] }));
    expect(shown(families, "breakwater_log_lines_total", { level: "error" })).toBe(6);
    expect(shown(families, `${DURATIONS}_sum`, { route: "/api/search" })).toBe(0.3);
    expect(shown(families, `${DURATIONS}_count`, { route: "/api/search" })).toBe(3);
  });

  test("keeps what Collectors hold of routes that a deploy removed", () => {
    const old = collected((ledger) => ledger.histogram(DURATIONS, { route: "/old" }).observe(0.1), { route: ["/old"] });
    const families = parseOpenMetrics(print({ totals: [old] }));
    expect(shown(families, `${DURATIONS}_count`, { route: "/old" })).toBe(1);
    expect(shown(families, `${DURATIONS}_count`, { route: "other" })).toBe(0);
  });

  test("is read back with the label values it was given, whatever is in them", () => {
    const odd = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('"', "\\", "\n", '\\"', "a\\n", "☃", "{}", '="'),
    );
    fc.assert(
      fc.property(odd, odd, (route, version) => {
        const totals = [collected((ledger) => ledger.histogram(DURATIONS, { route }).observe(0.1), { route: [route] })];
        const gauges = [{ name: "breakwater_build_info", labels: { version }, value: 1 }] as const;
        const families = parseOpenMetrics(print({ totals, gauges, known: { route: [route] } }));
        expect(shown(families, `${DURATIONS}_count`, { route })).toBe(1);
        expect(shown(families, "breakwater_build_info", { version })).toBe(1);
      }),
    );
  });

  test("shows counts that never fall from bound to bound, an exact count and an exact sum", () => {
    const micros = fc.integer({ min: 0, max: 4e9 });
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1, maxLength: 50 }), (observed) => {
        const totals = [
          collected((ledger) => {
            for (const one of observed) ledger.histogram(DURATIONS, { route: "/api/search" }).observe(one / 1e6);
          }),
        ];
        const samples = parseOpenMetrics(print({ totals })).get(DURATIONS)?.samples ?? [];
        const ours = samples.filter(({ labels }) => labels.route === "/api/search");
        const buckets = ours.filter(({ name }) => name.endsWith("_bucket")).map(({ value }) => value);
        expect(buckets).toHaveLength(CLASSIC_BOUNDS_SECONDS.length + 1);
        expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
        const [sum, count] = ours.slice(-2).map(({ value }) => value);
        expect([sum, count]).toEqual([observed.reduce((total, one) => total + one, 0) / 1e6, observed.length]);
        expect(buckets.at(-1)).toBe(count);
      }),
    );
  });

  test("counts exactly at every bound where durations are whole milliseconds, as a Worker's clock gives them", () => {
    const durations = Array.from({ length: 20_000 }, (_, ms) => ms / 1_000);
    const totals = [
      collected((ledger) => {
        for (const one of durations) ledger.histogram(DURATIONS, { route: "/api/search" }).observe(one);
      }),
    ];
    const families = parseOpenMetrics(print({ totals }));
    for (const bound of CLASSIC_BOUNDS_SECONDS) {
      const le = Number.isInteger(bound) ? `${bound}.0` : String(bound);
      const within = durations.filter((seconds) => seconds <= bound).length;
      expect([le, shown(families, `${DURATIONS}_bucket`, { route: "/api/search", le })]).toEqual([le, within]);
    }
  });

  test("shows a gauge only where it was given, the last of two with the same labels, and odd numbers as both formats do", () => {
    const gauge = (part: "breaker" | "replicas" | "bumps", value: number) =>
      ({ name: "breakwater_view_age_seconds", labels: { part }, value }) as const;
    const gauges = [gauge("breaker", 1), gauge("replicas", Number.NaN), gauge("breaker", Number.POSITIVE_INFINITY)];
    const lines = print({ gauges }).split("\n");
    expect(lines.filter((line) => line.startsWith("breakwater_view_age_seconds"))).toEqual([
      'breakwater_view_age_seconds{part="breaker"} +Inf',
      'breakwater_view_age_seconds{part="replicas"} NaN',
    ]);
    expect(print({}).includes("breakwater_reporters")).toBe(false);
  });
});

test("a node's state is 1 for the state it is in and 0 for each other", () => {
  const states = nodeStateGauges("node-1", "half-open").map(({ labels, value }) => [labels, value]);
  expect(states).toHaveLength(7);
  expect(states.filter(([, value]) => value === 1)).toEqual([[{ node: "node-1", state: "half-open" }, 1]]);
});
