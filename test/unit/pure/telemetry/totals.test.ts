import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIMENSIONS } from "../../../../src/telemetry/catalogue.ts";
import { COUNTER_SERIES_PER_ROW, HISTOGRAM_SERIES_PER_ROW } from "../../../../src/telemetry/constants.ts";
import { OVERFLOW } from "../../../../src/telemetry/histogram.ts";
import type { TelemetryData } from "../../../../src/telemetry/telemetryData.ts";
import { type CheckpointRow, Totals } from "../../../../src/telemetry/totals.ts";
import { merged } from "./merged.ts";

const LOGS = "breakwater_log_lines_total";
const CRONS = "breakwater_cron_runs_total";
const QUERIES = "breakwater_database_query_duration_seconds";
const DROPPED = "breakwater_telemetry_dropped_total";

const logs = (level: string, count: number): TelemetryData => ({
  counters: [{ metric: LOGS, labels: ["level"], series: [[[level], count]] }],
  histograms: [],
});
const queries = (...names: string[]): TelemetryData => ({
  counters: [],
  histograms: [{ metric: QUERIES, labels: ["query"], series: names.map((name) => [[name], 1_000, [320, 1], []]) }],
});
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `query-${at}`);

/** The table that a Collector keeps rows in. */
class Store {
  readonly rows = new Map<string, string>();
  writes = 0;

  keep = ({ key, json }: CheckpointRow): void => {
    this.rows.set(key, json);
    this.writes++;
  };

  /** In the order of the keys as text, as SQLite would give them. */
  all(): CheckpointRow[] {
    return [...this.rows].map(([key, json]) => ({ key, json })).sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

function totalsOf(...deltas: TelemetryData[]): Totals {
  const totals = new Totals();
  for (const delta of deltas) totals.merge(delta);
  return totals;
}

describe("a merge", () => {
  test("adds to what is there", () => {
    expect(merged([totalsOf(logs("info", 2), logs("info", 3), logs("error", 1)).data()])).toEqual({
      [`${LOGS} info`]: 5,
      [`${LOGS} error`]: 1,
    });
  });

  test.for<[string, string, TelemetryData]>([
    [
      "a metric nobody knows",
      "metric",
      { ...logs("info", 1), counters: [{ metric: "breakwater_news_total", labels: [], series: [[[], 9]] }] },
    ],
    [
      "a name that objects inherit",
      "metric",
      { ...logs("info", 1), counters: [{ metric: "constructor", labels: [], series: [[[], 9]] }] },
    ],
    [
      "a counter sent as a histogram",
      "metric",
      { counters: [], histograms: [{ metric: LOGS, labels: ["level"], series: [[["info"], 1, [9, 1], []]] }] },
    ],
    [
      "a gauge",
      "metric",
      { ...logs("info", 1), counters: [{ metric: "breakwater_reporters", labels: [], series: [[[], 9]] }] },
    ],
    ["a value that is not listed", "labels", logs("fatal", 9)],
    [
      "another label",
      "labels",
      { ...logs("info", 1), counters: [{ metric: LOGS, labels: ["severity"], series: [[["info"], 9]] }] },
    ],
    [
      "labels in another order",
      "labels",
      { ...logs("info", 1), counters: [{ metric: CRONS, labels: ["outcome", "cron"], series: [[["ok", "ok"], 9]] }] },
    ],
    [
      "a label too many",
      "labels",
      { ...logs("info", 1), counters: [{ metric: LOGS, labels: ["level"], series: [[["info", "x"], 9]] }] },
    ],
  ])("of %s counts it as dropped (%s), and keeps the rest", ([, reason, delta]) => {
    const totals = totalsOf(logs("warn", 4), delta);
    expect(merged([totals.data()])).toEqual({ [`${LOGS} warn`]: 4, [`${DROPPED} ${reason}`]: 1 });
  });

  test("counts every series of a family it does not know", () => {
    const series: [string[], number][] = [
      [["a"], 1],
      [["b"], 2],
    ];
    const totals = totalsOf({ counters: [{ metric: "breakwater_x_total", labels: ["l"], series }], histograms: [] });
    expect(merged([totals.data()])).toEqual({ [`${DROPPED} metric`]: 2 });
  });

  test("folds what is beyond a dimension's maximum into other, and loses none of it", () => {
    const { max } = DIMENSIONS.query;
    const names = numbered(max + 30);
    const [family] = totalsOf(queries(...names)).data().histograms;
    expect(family?.series).toHaveLength(max + 1);
    expect(family?.series.find(([[name]]) => name === "other")?.[1]).toBe(30 * 1_000);
  });

  test("stops at the largest exact number, which can still be checkpointed and restored", () => {
    const store = new Store();
    totalsOf(logs("info", Number.MAX_SAFE_INTEGER), logs("info", 9)).checkpoint(store.keep);
    expect(merged([Totals.restored(store.all()).data()])).toEqual({ [`${LOGS} info`]: Number.MAX_SAFE_INTEGER });
  });

  test("keeps the newest exemplar of each bucket that is shown", () => {
    const traced = (traceId: string, value: number, at: number): TelemetryData => ({
      counters: [],
      histograms: [{ metric: QUERIES, labels: ["query"], series: [[["q"], 1, [9, 1], [{ traceId, value, at }]]] }],
    });
    const totals = totalsOf(
      traced("old", 0.3, 1),
      traced("new", 0.4, 2),
      traced("late", 0.3, 1),
      traced("slow", 99, 1),
    );
    const exemplars = totals.data().histograms[0]?.series[0]?.[3];
    expect(exemplars?.map(({ traceId }) => traceId)).toEqual(["new", "slow"]);
  });
});

describe("a checkpoint", () => {
  test("holds the rows that changed since the last one, and no other", () => {
    const store = new Store();
    const totals = totalsOf(logs("info", 1), queries("a"));
    expect(totals.isDirty).toBe(true);
    totals.checkpoint(store.keep);
    expect([totals.isDirty, store.writes]).toEqual([false, 2]);
    totals.checkpoint(store.keep);
    expect(store.writes).toBe(2);
    totals.merge(logs("info", 1));
    expect(totals.isDirty).toBe(true);
    totals.checkpoint(store.keep);
    expect(store.writes).toBe(3);
  });

  test("that could not be stored leaves the row to be written", () => {
    const store = new Store();
    const totals = totalsOf(logs("info", 1), queries("a"));
    const fails = () => {
      throw new Error("disk full");
    };
    expect(() => totals.checkpoint(fails)).toThrow("disk full");
    expect(totals.isDirty).toBe(true);
    totals.checkpoint(store.keep);
    expect(merged([Totals.restored(store.all()).data()])).toEqual(merged([totals.data()]));
  });

  test("has no row of 100 KB, with every bucket of every series full of counts of ten digits", () => {
    const buckets = Array.from({ length: OVERFLOW + 1 }, (_, index) => [index === 0 ? 0 : 1, 9_999_999_999]).flat();
    const bounds = Array.from({ length: 15 }, (_, index) => 0.0009 * 2 ** index);
    const exemplars = bounds.map((value) => ({ traceId: "f".repeat(64), value, at: 1_700_000_000_000 }));
    const totals = new Totals();
    const store = new Store();
    for (const name of numbered(DIMENSIONS.query.max)) {
      const label = name.padEnd(118, "x");
      const series: TelemetryData["histograms"][number]["series"] = [[[label], 2 ** 52, buckets, exemplars]];
      totals.add({ counters: [], histograms: [{ metric: QUERIES, labels: ["query"], series }] });
    }
    const routes = Array.from({ length: DIMENSIONS.route.max }, (_, at) => `/${at}`.padEnd(118, "x"));
    for (const status_class of ["2xx", "3xx", "4xx", "5xx"]) {
      const series = routes.map((route): [string[], number] => [[route, status_class], 2 ** 52]);
      totals.merge({
        counters: [{ metric: "breakwater_http_requests_total", labels: ["route", "status_class"], series }],
        histograms: [],
      });
    }
    totals.checkpoint(store.keep);
    const sizes = store.all().map(({ json }) => new TextEncoder().encode(json).byteLength);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
    expect(sizes.length).toBe(
      Math.ceil(DIMENSIONS.query.max / HISTOGRAM_SERIES_PER_ROW) +
        Math.ceil((4 * DIMENSIONS.route.max) / COUNTER_SERIES_PER_ROW),
    );
  });
});

describe("restored totals", () => {
  const name = fc.nat(12).map((at) => `query-${at}`);
  const step = fc.oneof(
    fc.record({
      does: fc.constant("merge"),
      level: fc.constantFrom("info", "warn", "fatal"),
      names: fc.uniqueArray(name),
      count: fc.nat(1e6),
    }),
    fc.record({ does: fc.constantFrom("checkpoint", "evict") }),
  );

  test("hold exactly what was merged before the checkpoint, however often they are restored", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const store = new Store();
        let totals = new Totals();
        let sinceCheckpoint: TelemetryData[] = [];
        const kept: TelemetryData[] = [];
        for (const one of steps) {
          if (one.does === "merge" && "names" in one) {
            for (const delta of [logs(one.level, one.count), queries(...one.names)]) {
              totals.merge(delta);
              sinceCheckpoint.push(delta);
            }
          }
          if (one.does === "checkpoint") {
            totals.checkpoint(store.keep);
            kept.push(...sinceCheckpoint);
            sinceCheckpoint = [];
          }
          if (one.does === "evict") {
            totals = Totals.restored(store.all());
            sinceCheckpoint = [];
          }
        }
        totals = Totals.restored(store.all());
        expect(merged([totals.data()])).toEqual(merged([totalsOf(...kept).data()]));
      }),
    );
  });

  test("never let a series that was scraped after a checkpoint step back", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const store = new Store();
        let totals = new Totals();
        const highest = new Map<string, number>();
        for (const one of steps) {
          if (one.does === "merge" && "names" in one) totals.merge(logs(one.level, one.count));
          if (one.does === "evict") totals = Totals.restored(store.all());
          if (one.does !== "checkpoint") continue;
          totals.checkpoint(store.keep);
          for (const [series, total] of Object.entries(merged([totals.data()]))) {
            expect(total).toBeGreaterThanOrEqual(highest.get(series) ?? 0);
            highest.set(series, Number(total));
          }
        }
      }),
    );
  });

  test("are clean, and write a changed series over its own row", () => {
    const store = new Store();
    totalsOf(queries(...numbered(3 * HISTOGRAM_SERIES_PER_ROW))).checkpoint(store.keep);
    const totals = Totals.restored(store.all());
    expect(totals.isDirty).toBe(false);
    const written: string[] = [];
    totals.merge(queries(`query-${HISTOGRAM_SERIES_PER_ROW}`, "new"));
    totals.checkpoint(({ key }) => written.push(key));
    expect(written).toEqual([`${QUERIES}#1`, `${QUERIES}#3`]);
  });

  test("leave out a row they cannot read, say so, and write it over", () => {
    const store = new Store();
    totalsOf(queries(...numbered(2 * HISTOGRAM_SERIES_PER_ROW)), logs("info", 1)).checkpoint(store.keep);
    store.rows.set(`${QUERIES}#0`, '{"counters":[');
    store.rows.set(`${LOGS}#0`, '{"counters":[],"histograms":[{"metric":1}]}');
    const totals = Totals.restored(store.all());
    const half = queries(...numbered(2 * HISTOGRAM_SERIES_PER_ROW).slice(HISTOGRAM_SERIES_PER_ROW));
    const expected = { ...merged([half]), [`${DROPPED} checkpoint`]: 2 };
    expect(merged([totals.data()])).toEqual(expected);
    totals.checkpoint(store.keep);
    expect(merged([Totals.restored(store.all()).data()])).toEqual(expected);
  });

  test("drop series whose labels changed with a deploy, once", () => {
    const store = new Store();
    const before = { counters: [{ metric: LOGS, labels: ["severity"], series: [[["info"], 5]] }], histograms: [] };
    store.rows.set(`${LOGS}#0`, JSON.stringify(before));
    Totals.restored(store.all()).checkpoint(store.keep);
    expect(merged([Totals.restored(store.all()).data()])).toEqual({ [`${DROPPED} checkpoint`]: 1 });
  });

  test("leave rows of a metric they do not know to the version that does", () => {
    const store = new Store();
    totalsOf(logs("info", 1)).checkpoint(store.keep);
    store.rows.set("breakwater_news_total#0", "of tomorrow");
    const totals = Totals.restored(store.all());
    totals.checkpoint(store.keep);
    expect(merged([totals.data()])).toEqual({ [`${LOGS} info`]: 1 });
    expect(store.rows.get("breakwater_news_total#0")).toBe("of tomorrow");
  });

  test("keep a value under its own name though the maximum was lowered since", () => {
    const store = new Store();
    const totals = new Totals();
    totals.add(queries(...numbered(DIMENSIONS.query.max + 3)));
    totals.checkpoint(store.keep);
    const restored = Totals.restored(store.all());
    expect(restored.data().histograms[0]?.series).toHaveLength(DIMENSIONS.query.max + 3);
    restored.merge(queries("one more"));
    const names = restored.data().histograms[0]?.series.map(([[name]]) => name);
    expect([names?.includes("other"), names?.includes("one more")]).toEqual([true, false]);
  });
});

describe("a sum of totals", () => {
  test("is the same in any order, to the last digit", () => {
    const part = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 1e12 })));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const all = parts.map((entries) =>
          totalsOf(
            ...entries.map(
              ([query, sumMicros]): TelemetryData => ({
                counters: [],
                histograms: [{ metric: QUERIES, labels: ["query"], series: [[[query], sumMicros, [5, 1], []]] }],
              }),
            ),
          ).data(),
        );
        const [forth, back] = [new Totals(), new Totals()];
        for (const data of all) forth.add(data);
        for (const data of all.toReversed()) back.add(data);
        expect(merged([forth.data()])).toEqual(merged([back.data()]));
      }),
    );
  });

  test("passes over what it does not know: it was not lost", () => {
    const sum = new Totals();
    sum.add({ counters: [{ metric: "breakwater_news_total", labels: [], series: [[[], 9]] }], histograms: [] });
    expect(sum.data()).toEqual({ counters: [], histograms: [] });
  });
});
