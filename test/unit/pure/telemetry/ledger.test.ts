import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIMENSIONS } from "../../../../src/telemetry/catalogue.ts";
import { DELTA_MAX_BYTES } from "../../../../src/telemetry/constants.ts";
import { TelemetryLedger } from "../../../../src/telemetry/ledger.ts";
import { type TelemetryData, telemetryDeltaSchema } from "../../../../src/telemetry/telemetryData.ts";
import { merged } from "./merged.ts";

const ROUTES = ["/api/pitches", "/api/pitches/:id", "/api/search"];
const REQUESTS = "breakwater_http_requests_total";
const DURATIONS = "breakwater_http_request_duration_seconds";
const QUERIES = "breakwater_database_query_duration_seconds";
const DROPPED = "breakwater_telemetry_dropped_total";
const NOTHING: TelemetryData = { counters: [], histograms: [] };

const bytes = (data: TelemetryData) => new TextEncoder().encode(JSON.stringify(data)).byteLength;

/** Takes until nothing is left; at most as often as a test can wait. */
function takeAll(ledger: TelemetryLedger, maxBytes?: number): TelemetryData[] {
  const deltas: TelemetryData[] = [];
  for (let delta = ledger.take(maxBytes); delta; delta = ledger.take(maxBytes)) {
    deltas.push(delta);
    if (deltas.length > 5_000) throw new Error("The ledger never empties.");
  }
  return deltas;
}

describe("a delta", () => {
  test("holds what was counted since the last one, and nothing of what was not", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const counter = ledger.counter(REQUESTS, { route: "/api/search", status_class: "5xx" });
    ledger.counter(REQUESTS, { route: "/api/search", status_class: "2xx" });
    counter.add();
    counter.add(2);
    ledger.histogram(DURATIONS, { route: "/api/search" }).observe(0.5);
    expect(ledger.take()).toEqual({
      counters: [{ metric: REQUESTS, labels: ["route", "status_class"], series: [[["/api/search", "5xx"], 3]] }],
      histograms: [{ metric: DURATIONS, labels: ["route"], series: [[["/api/search"], 500_000, [606, 1], []]] }],
    });
    expect(ledger.take()).toBeUndefined();
    counter.add();
    expect(ledger.take()?.counters[0]?.series).toEqual([[["/api/search", "5xx"], 1]]);
  });

  test("is undefined when nothing happened or not even one series fits, and what did not fit stays", () => {
    const ledger = new TelemetryLedger();
    expect(ledger.take()).toBeUndefined();
    ledger.counter("breakwater_log_lines_total", { level: "error" }).add(7);
    expect(ledger.take(60)).toBeUndefined();
    expect(merged([ledger.take() ?? NOTHING])).toEqual({ "breakwater_log_lines_total error": 7 });
  });

  const event = fc.oneof(
    fc.record({ kind: fc.constant("count"), at: fc.nat(30), n: fc.integer({ min: 0, max: 1e9 }) }),
    fc.record({ kind: fc.constant("observe"), at: fc.nat(30), n: fc.integer({ min: 1, max: 4e9 }) }),
    fc.record({ kind: fc.constant("take"), at: fc.integer({ min: 300, max: 5_000 }), n: fc.constant(0) }),
  );

  test("never is longer than asked, always passes its schema, and none of them together lose or invent anything", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300, size: "max" }), (events) => {
        const ledger = new TelemetryLedger({ route: ROUTES });
        const whole = new TelemetryLedger({ route: ROUTES });
        const deltas: TelemetryData[] = [];
        for (const { kind, at, n } of events) {
          const route = ROUTES[at % ROUTES.length] ?? "";
          const query = `☃.query-${at}`;
          const traced = { traceId: `trace-${n}`, at: n };
          for (const each of [ledger, whole]) {
            if (kind === "count") each.counter(REQUESTS, { route, status_class: "2xx" }).add(n);
            if (kind === "observe") each.histogram(QUERIES, { query }).observe(n / 1e6, traced);
          }
          const delta = kind === "take" ? ledger.take(at) : undefined;
          if (!delta) continue;
          expect(bytes(delta)).toBeLessThanOrEqual(at);
          deltas.push(delta);
        }
        deltas.push(...takeAll(ledger, 1_000));
        for (const delta of deltas) expect(telemetryDeltaSchema.safeParse(delta).success).toBe(true);
        expect(merged(deltas)).toEqual(merged(takeAll(whole, 1e6)));
      }),
    );
  });

  test.for(["query-0", "query-39"])("begins with what the last had no room for: a busy %s starves no other", (busy) => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const names = Array.from({ length: 40 }, (_, at) => `query-${at}`);
    for (const query of names) ledger.histogram(QUERIES, { query });
    const seen = new Set<string>();
    for (let round = 0; round < 60; round++) {
      for (let ms = 1; ms < 400; ms++) ledger.histogram(QUERIES, { query: busy }).observe(ms / 1_000);
      for (const query of names) ledger.histogram(QUERIES, { query }).observe(0.1);
      if (round === 30) seen.clear(); // by then each had a first turn: it must have another
      const families = ledger.take(500)?.histograms ?? [];
      for (const [[name = ""]] of families.flatMap(({ series }) => series)) seen.add(name);
    }
    expect(seen.size).toBe(names.length);
  });

  test("goes on with the first series where the last one left room", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const observeAll = () => {
      for (let at = 0; at < 20; at++) ledger.histogram(QUERIES, { query: `query-${at}` }).observe(0.1);
    };
    observeAll();
    ledger.take(500);
    observeAll();
    const names = ledger.take()?.histograms.flatMap(({ series }) => series.map(([[name]]) => name));
    expect(new Set(names).size).toBe(20);
    expect(names?.[0]).not.toBe("query-0");
  });

  test("takes a histogram in parts where it is longer than a whole delta", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const whole = new TelemetryLedger({ route: ROUTES });
    for (let step = 0; step < 30_000; step++) {
      for (const each of [ledger, whole]) {
        each.histogram(DURATIONS, { route: "/api/search" }).observe(1e-6 * 1.0007 ** step, { traceId: "t", at: 1 });
      }
    }
    const deltas = takeAll(ledger);
    expect(deltas.length).toBeGreaterThan(1);
    for (const delta of deltas) expect(bytes(delta)).toBeLessThanOrEqual(DELTA_MAX_BYTES);
    expect(merged(deltas)).toEqual(merged(takeAll(whole, 1e6)));
  });
});

describe("an exemplar", () => {
  const exemplarsOf = (delta: TelemetryData | undefined) =>
    delta?.histograms.flatMap(({ series }) => series.map(([, , , exemplars]) => exemplars));

  test("is the slowest traced observation of its series, once", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const histogram = ledger.histogram(DURATIONS, { route: "/api/search" });
    histogram.observe(0.2, { traceId: "quick", at: 1 });
    histogram.observe(0.7, { traceId: "slow", at: 2 });
    histogram.observe(0.9);
    histogram.observe(0.1, { traceId: "quicker", at: 3 });
    expect(exemplarsOf(ledger.take())).toEqual([[{ traceId: "slow", value: 0.7, at: 2 }]]);
    histogram.observe(0.1);
    expect(exemplarsOf(ledger.take())).toEqual([[]]);
    histogram.observe(0.1, { traceId: "new", at: 4 });
    expect(exemplarsOf(ledger.take())).toEqual([[{ traceId: "new", value: 0.1, at: 4 }]]);
  });

  test("is left out where its trace has no writable name, and the observation is not", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    ledger.histogram(DURATIONS, { route: "/api/search" }).observe(0.2, { traceId: 'a"} 1\n', at: 1 });
    const delta = ledger.take();
    expect(exemplarsOf(delta)).toEqual([[]]);
    expect(delta?.histograms[0]?.series[0]?.[1]).toBe(200_000);
  });

  test("never takes the room of counts, and is another series' where not all find room", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const withExemplar = new Set<string>();
    for (let round = 0; round < 40; round++) {
      for (let at = 0; at < 20; at++) {
        ledger
          .histogram(QUERIES, { query: `query-${at}` })
          .observe(0.1, { traceId: "a".repeat(32), at: 1_700_000_000 });
      }
      const delta = ledger.take(1_000);
      const series = delta?.histograms.flatMap((family) => family.series) ?? [];
      expect(series).toHaveLength(20);
      for (const [[name = ""], , , exemplars] of series) if (exemplars.length > 0) withExemplar.add(name);
    }
    expect(withExemplar.size).toBe(20);
  });
});

describe("a ledger", () => {
  test("gives the same series for the same labels", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const labels = { route: "/api/search", status_class: "2xx" } as const;
    expect(ledger.counter(REQUESTS, labels)).toBe(ledger.counter(REQUESTS, { ...labels }));
    expect(ledger.counter(REQUESTS, labels)).not.toBe(ledger.counter(REQUESTS, { ...labels, status_class: "4xx" }));
  });

  test("counts a value that is not known, or has no room, as other", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    for (const route of ["/wp-login.php", "/.env"]) ledger.counter(REQUESTS, { route, status_class: "4xx" }).add();
    expect(ledger.take()?.counters[0]?.series).toEqual([[["other", "4xx"], 2]]);
  });

  test("holds no more series than its dimensions allow, whatever it is asked for", () => {
    const ledger = new TelemetryLedger();
    for (let at = 0; at < 3_000; at++) {
      ledger.histogram(QUERIES, { query: `query-${at}` }).observe(0.01);
      ledger.counter(REQUESTS, { route: `/${at}`, status_class: "2xx" }).add();
    }
    const [all] = takeAll(ledger, 1e6);
    expect(all?.histograms[0]?.series).toHaveLength(DIMENSIONS.query.max + 1);
    expect(all?.counters[0]?.series).toHaveLength(DIMENSIONS.route.max + 1);
  });

  test.for([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("drops an addition of %d, and says so", (n) => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const counter = ledger.counter(REQUESTS, { route: "/api/search", status_class: "2xx" });
    counter.add(1);
    counter.add(n);
    expect(merged([ledger.take() ?? NOTHING])).toEqual({
      [`${REQUESTS} /api/search 2xx`]: 1,
      [`${DROPPED} value`]: 1,
    });
  });

  test("keeps apart what a label does not list, and says so", () => {
    const ledger = new TelemetryLedger({ route: ROUTES });
    const unlisted = { route: "/api/search", status_class: "1xx" } as unknown as { route: string; status_class: "2xx" };
    ledger.counter(REQUESTS, unlisted).add(5);
    expect(merged([ledger.take() ?? NOTHING])).toEqual({ [`${DROPPED} labels`]: 1 });
  });
});
