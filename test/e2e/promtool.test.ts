import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CATALOGUE } from "../../src/telemetry/catalogue.ts";
import type { KnownValues } from "../../src/telemetry/dimensions.ts";
import { type Exposition, expose } from "../../src/telemetry/exposition.ts";
import { type Format, formatOf } from "../../src/telemetry/formatOf.ts";
import { TelemetryLedger } from "../../src/telemetry/ledger.ts";
import { type GaugeSample, nodeStateGauges } from "../../src/telemetry/nodeStateGauges.ts";
import type { TelemetryData } from "../../src/telemetry/telemetryData.ts";
import { Totals } from "../../src/telemetry/totals.ts";

/**
 * What Prometheus itself says of our exposition. Needs Debian's `prometheus` (`apt-get install prometheus`), and fails
 * without: an exposition that nobody reads is not checked by skipping.
 */

const ROUTES = ["/api/pitches", "/api/pitches/:id", "/api/search"];
const KNOWN: KnownValues = { route: ROUTES, node: ["node-1", "node-2"], cron: ["* * * * *", "17 3 * * *"] };
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const NOW = Date.now();
const SCRAPE_MS = 1_000;
const READY_MS = 20_000;

/** What a Collector holds after one isolate's busy minute. */
function collected(): TelemetryData {
  const ledger = new TelemetryLedger(KNOWN);
  const totals = new Totals();
  for (let at = 0; at < 600; at++) {
    const route = ROUTES[at % ROUTES.length] ?? "";
    const seconds = (1 + ((at * 7_919) % 900)) / 1_000;
    ledger.counter("breakwater_http_requests_total", { route, status_class: at % 50 === 0 ? "5xx" : "2xx" }).add();
    ledger
      .histogram("breakwater_http_request_duration_seconds", { route })
      .observe(seconds, { traceId: TRACE, at: NOW });
    ledger.counter("breakwater_database_attempts_total", { node: "node-1", kind: "read", outcome: "ok" }).add();
    ledger.histogram("breakwater_database_query_duration_seconds", { query: 'odd "\\name' }).observe(seconds / 2);
  }
  for (let delta = ledger.take(); delta; delta = ledger.take()) totals.merge(delta);
  return totals.data();
}

const GAUGES: readonly GaugeSample[] = [
  { name: "breakwater_build_info", labels: { version: "0.1.0" }, value: 1 },
  ...nodeStateGauges("node-1", "closed"),
  ...nodeStateGauges("node-2", "half-open"),
  { name: "breakwater_node_up", labels: { node: "node-1", role: "primary" }, value: 1 },
  { name: "breakwater_replica_lag_seconds", labels: { node: "node-2" }, value: 0.25 },
  { name: "breakwater_replica_in_rotation", labels: { node: "node-2" }, value: 1 },
  { name: "breakwater_primary_known", labels: {}, value: 1 },
  { name: "breakwater_primary_rivals", labels: {}, value: 0 },
  { name: "breakwater_epoch", labels: {}, value: 3 },
  { name: "breakwater_epoch_pending", labels: {}, value: 0 },
  { name: "breakwater_reporters", labels: {}, value: 3 },
  { name: "breakwater_view_age_seconds", labels: { part: "breaker" }, value: 1.5 },
  { name: "breakwater_cron_last_success_timestamp_seconds", labels: { cron: "* * * * *" }, value: NOW / 1_000 },
  { name: "breakwater_telemetry_checkpoint_age_seconds", labels: {}, value: 12 },
  { name: "breakwater_cache_hot_keys", labels: {}, value: 40 },
  { name: "breakwater_cache_runway_seconds", labels: {}, value: 86_000 },
];

function scrape(format: Format): Exposition {
  return expose({ totals: [collected(), collected()], gauges: GAUGES, known: KNOWN, format });
}

/** Runs promtool over a text: its findings, one a line; empty when it has none. */
function promtoolFindings(body: string): string {
  const { error, status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: body,
    encoding: "utf8",
    timeout: 20_000,
  });
  if (error) throw new Error("promtool does not run: apt-get install prometheus", { cause: error });
  const findings = `${stdout}${stderr}`.trim();
  return status === 0 || findings !== "" ? findings : `promtool ended with ${status}`;
}

describe("promtool check metrics", () => {
  test("has no finding in a full exposition, which holds every metric there is", () => {
    const { body } = scrape("classic");
    const missing = Object.keys(CATALOGUE).filter((name) => !body.includes(`\n${name}`));
    expect(missing).toEqual([]);
    expect(promtoolFindings(body)).toBe("");
  });

  test("has no finding in the first scrape of all", () => {
    expect(promtoolFindings(expose({ totals: [], gauges: [], known: KNOWN, format: "classic" }).body)).toBe("");
  });

  test.for<[string, (body: string) => string]>([
    ["a counter whose name does not say so", (body) => body.replaceAll("log_lines_total", "log_lines")],
    ["a family without help", (body) => body.replace(/^# HELP breakwater_reporters .*\n/m, "")],
    ["a line that is none", (body) => `${body}not a sample\n`],
  ])("does find %s, so that its silence means something", ([, spoil]) => {
    const { body } = scrape("classic");
    expect(spoil(body)).not.toBe(body);
    expect(promtoolFindings(spoil(body))).not.toBe("");
  });
});

describe.for<[Format, string]>([
  ["openmetrics", "what Prometheus asks for by itself"],
  ["classic", "the format of everybody else"],
])("a Prometheus that is given %s, %s", ([format]) => {
  let server: Server;
  let prometheus: ChildProcess;
  let directory: string;
  let api: string;
  const accepts = new Set<string>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      accepts.add(request.headers.accept ?? "");
      const { contentType, body } = scrape(format);
      response.setHeader("Content-Type", contentType).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const target = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const port = await getPort();
    api = `http://127.0.0.1:${port}/api/v1`;
    directory = mkdtempSync(join(tmpdir(), "breakwater-prometheus-"));
    const jobs = `scrape_configs: [{ job_name: worker, static_configs: [{ targets: ["${target}"] }] }]`;
    writeFileSync(join(directory, "prometheus.yml"), `global: { scrape_interval: ${SCRAPE_MS}ms }\n${jobs}\n`);
    prometheus = spawn(
      "prometheus",
      [
        `--config.file=${join(directory, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(directory, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--enable-feature=exemplar-storage",
      ],
      { stdio: "ignore" },
    );
    const failed = once(prometheus, "error").then(([cause]) => {
      throw new Error("prometheus does not run: apt-get install prometheus", { cause });
    });
    await Promise.race([failed, untilScraped()]);
  }, READY_MS + 5_000);

  afterAll(async () => {
    if (prometheus?.pid !== undefined && prometheus.exitCode === null) {
      const ended = once(prometheus, "exit");
      prometheus.kill("SIGKILL");
      await ended;
    }
    server?.close();
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  async function untilScraped(): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline) {
      const up = await query("up").catch(() => []);
      if (up[0]?.value[1] === "1") return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const targets = await fetch(`${api}/targets`).then((response) => response.text(), String);
    throw new Error(`Prometheus took no scrape: ${targets}`);
  }

  async function query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const response = await fetch(`${api}/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await response.json()) as { data: { result: never[] } };
    return data.result;
  }

  const value = async (expression: string) => Number((await query(expression))[0]?.value[1]);

  test("asks in a way that we understand", () => {
    expect([...accepts].map(formatOf)).toEqual(["openmetrics"]);
  });

  test("reads the sum of the Collectors, under the same names in either format", async () => {
    expect(await value('breakwater_http_requests_total{route="/api/search",status_class="2xx"}')).toBe(392);
    expect(await value("sum(breakwater_http_requests_total)")).toBe(1_200);
    expect(await value("sum(breakwater_http_request_duration_seconds_count)")).toBe(1_200);
    expect(await value('sum(breakwater_http_request_duration_seconds_bucket{le="1.0"})')).toBe(1_200);
    expect(await value('breakwater_database_query_duration_seconds_count{query="odd \\"\\\\name"}')).toBe(1_200);
    expect(await value('breakwater_node_state{node="node-2",state="half-open"}')).toBe(1);
    expect(await value('breakwater_http_requests_total{route="other",status_class="5xx"}')).toBe(0);
  });

  test("finds every metric, of its kind and with its help", async () => {
    const response = await fetch(`${api}/targets/metadata`);
    const { data } = (await response.json()) as {
      data: { metric: string; type: string; help: string; unit: string }[];
    };
    const read = data.filter(({ metric }) => metric.startsWith("breakwater_"));
    const shown = Object.entries(CATALOGUE).map(([name, { kind, unit, help }]) => ({
      metric: kind === "counter" && format === "openmetrics" ? name.slice(0, -"_total".length) : name,
      type: kind,
      help,
      unit: format === "openmetrics" ? unit : "",
    }));
    const sorted = <T extends { metric: string }>(list: readonly T[]) =>
      list.toSorted((a, b) => (a.metric < b.metric ? -1 : 1));
    expect(sorted(read.map(({ metric, type, help, unit }) => ({ metric, type, help, unit })))).toEqual(sorted(shown));
  });

  test(format === "openmetrics" ? "keeps our exemplars" : "is given no exemplars", async () => {
    const series = "breakwater_http_request_duration_seconds_bucket";
    const range = `start=${NOW / 1_000 - 60}&end=${NOW / 1_000 + 60}`;
    const response = await fetch(`${api}/query_exemplars?query=${series}&${range}`);
    const { data } = (await response.json()) as { data: { exemplars: { labels: { trace_id: string } }[] }[] };
    const traces = new Set(data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id)));
    expect([...traces]).toEqual(format === "openmetrics" ? [TRACE] : []);
  });
});
