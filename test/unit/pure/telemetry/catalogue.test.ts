import { describe, expect, expectTypeOf, test } from "vitest";
import type { FailureClass } from "../../../../src/database/classify.ts";
import type { RouteReason } from "../../../../src/database/database.ts";
import {
  CATALOGUE,
  DIMENSIONS,
  isMetricName,
  type LabelsOf,
  type Metric,
} from "../../../../src/telemetry/catalogue.ts";

const METRICS: readonly [string, Metric][] = Object.entries(CATALOGUE);

// Source: Prometheus, "Metric and label naming", and the rules of `promtool check metrics`.
describe.for(METRICS)("%s", ([name, { kind, unit, help, labels }]) => {
  test("has the prefix and lower-case words, and names neither its kind nor an abbreviated unit", () => {
    expect(name).toMatch(/^breakwater(_[a-z]+)+$/);
    expect(name).not.toMatch(/_(counter|gauge|histogram|ms|milliseconds|minutes|sec|count|sum|bucket)(_|$)/);
  });

  test("ends as its kind and unit say", () => {
    expect(name.endsWith("_total")).toBe(kind === "counter");
    expect(name.endsWith("_seconds")).toBe(unit === "seconds");
    if (kind === "histogram") expect(unit).toBe("seconds");
  });

  test("is explained by one line that ends as a sentence", () => {
    expect(help).toMatch(/^[A-Z0-9][^\n]{10,}\.$/);
  });

  test("has labels with lower-case names and a bounded list of values", () => {
    for (const [label, source] of Object.entries(labels)) {
      expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(["le", "quantile", "job", "instance"]).not.toContain(label);
      const values = typeof source === "string" ? [] : source;
      expect(new Set(values).size).toBe(values.length);
      if (typeof source === "string") expect(DIMENSIONS[source].max).toBeGreaterThan(0);
    }
  });
});

test("all series together are bounded", () => {
  const most = METRICS.map(([, { labels }]) =>
    Object.values(labels)
      .map((source) => (typeof source === "string" ? DIMENSIONS[source].max + 1 : source.length))
      .reduce((product, values) => product * values, 1),
  ).reduce((sum, series) => sum + series, 0);
  expect(most).toBeLessThan(2_000);
});

test("a name that objects inherit is no metric's", () => {
  expect(isMetricName("breakwater_reporters")).toBe(true);
  expect(["toString", "__proto__", "breakwater_unheard_of_total", ""].filter(isMetricName)).toEqual([]);
});

test("the label values are those of the code that counts", () => {
  expectTypeOf<LabelsOf<"breakwater_database_reads_total">["reason"]>().toEqualTypeOf<RouteReason>();
  type Outcome = LabelsOf<"breakwater_database_attempts_total">["outcome"];
  expectTypeOf<Exclude<Outcome, "ok" | "failed">>().toEqualTypeOf<Exclude<FailureClass, "infrastructure">>();
});
