import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RAMP_BURST_MS, RAMP_RATES_PER_S, RAMP_STEP_MS } from "../../src/breaker/constants.ts";
import { bundleBed } from "../../tools/bed/bundleBed.ts";
import { type Bed, startBed } from "../../tools/bed/startBed.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import type { LocalWorker } from "../../tools/local/startWorker.ts";
import { lateness } from "./support/lateness.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

/** What is promised over HTTP, with a real database that is really gone. */
const MAX_FAILED = 10;
const REFUSED_WITHIN_MS = 50;
const CLOSED_WITHIN_MS = 15_000;
const MAX_PROBES = 3;

/** The query that probes are; nobody else's carries its name. */
const PROBE = "breakwater.sample";
const NODES = ["node-1", "node-2", "node-3"];

interface Answer {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly type: string | null;
  readonly retryAfter: string | null;
  readonly detail: string;
  /** It was sent to some node; otherwise it was refused from what the isolate knew. */
  readonly wasTried: boolean;
  readonly problem: Readonly<Record<string, unknown>> | undefined;
}

interface BreakerAnswer {
  readonly nodes: readonly { readonly name: string; readonly state: string }[];
  readonly transitions: readonly { readonly node: string; readonly to: string; readonly agoMs: number }[];
}

let system: TestSystem;
let workers: LocalWorker[] = [];

beforeAll(async () => {
  system = await startTestSystem(300);
});
afterAll(() => system?.stop());
afterEach(async () => {
  system.proxy.faults.clear();
  for (const each of workers) await each.close(); // their objects would probe beside the next test
  workers = [];
  await startAll();
});

/** An isolate and objects of its own. */
async function worker(): Promise<string> {
  const started = await system.another({});
  workers.push(started);
  return started.url;
}

async function startAll(): Promise<void> {
  for (const name of ["primary", ...NODES]) await system.cluster.start(name);
}

async function killAll(): Promise<void> {
  await Promise.all(NODES.map((name) => system.cluster.kill(name)));
}

/** Each another query: none of them could be served from a cache. */
const PATHS = [
  "/api/pitches?limit=3&genre=drama",
  "/api/pitches?limit=4",
  "/api/pitches/search?q=star&limit=2",
  "/api/pitches/search?q=night&limit=3",
];

async function askOf(url: string, nth: number): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(`${url}${PATHS[nth % PATHS.length]}`);
  const text = await response.text();
  const ms = performance.now() - startedAt;
  const type = response.headers.get("Content-Type");
  const problem = type === "application/problem+json" ? JSON.parse(text) : undefined;
  return {
    at: Date.now(),
    ms,
    status: response.status,
    type,
    retryAfter: response.headers.get("Retry-After"),
    detail: String(problem?.detail ?? ""),
    wasTried: response.headers.get("Server-Timing")?.includes("db;") ?? false,
    problem,
  };
}

async function breakerOf(url: string): Promise<BreakerAnswer> {
  const response = await fetch(`${url}/admin/breaker`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  return (await response.json()) as BreakerAnswer;
}

const areAll = (state: string) => async (url: string) =>
  (await breakerOf(url)).nodes.every((node) => node.state === state);
const isOpen = async (url: string) =>
  (await breakerOf(url)).nodes.every(({ state }) => state === "open" || state === "half-open");

/** When each node was closed for the last time, by this machine's clock. */
async function closedAt(url: string): Promise<number[]> {
  const { nodes, transitions } = await breakerOf(url);
  const now = Date.now();
  expect(nodes.map(({ state }) => state)).toEqual(["closed", "closed", "closed"]);
  return NODES.map((name) => now - (transitions.find(({ node, to }) => node === name && to === "closed")?.agoMs ?? 0));
}

/** When nodes began to take a part of what is asked, by this machine's clock. */
async function rampsBegunAt(url: string): Promise<number[]> {
  const { transitions } = await breakerOf(url);
  const now = Date.now();
  return transitions.filter(({ to }) => to === "ramping").map(({ agoMs }) => now - agoMs);
}

/** How long before the object has written that a ramp began some isolate may take it to have begun. */
const RAMP_EARLY_MS = 250;

/** What one ramp has let in at most so long after it began; after its last step, all. */
function rampAllows(sinceMs: number): number {
  const inMs = sinceMs + RAMP_EARLY_MS;
  if (inMs < 0) return 0;
  if (inMs >= RAMP_STEP_MS * RAMP_RATES_PER_S.length) return Number.POSITIVE_INFINITY;
  const ofStep = (rate: number, step: number) => {
    const lastedMs = Math.min(inMs - step * RAMP_STEP_MS, RAMP_STEP_MS);
    return lastedMs < 0 ? 0 : Math.max(1, (rate * (lastedMs + RAMP_BURST_MS)) / 1_000);
  };
  return RAMP_RATES_PER_S.map(ofStep).reduce((sum, each) => sum + each);
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}

/** A 503 is a problem that says when to come back: whole seconds, and not for long. */
function expectRefusal({ status, type, retryAfter, problem }: Answer): void {
  expect(status).toBe(503);
  expect(type).toBe("application/problem+json");
  expect(retryAfter).toMatch(/^\d+$/);
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  expect(Number(retryAfter)).toBeLessThanOrEqual(10);
  expect(problem).toMatchObject({
    status: 503,
    type: expect.stringMatching(/^\/problems\//),
    title: expect.any(String),
  });
}

function spread(ms: readonly number[]): string {
  const at = (q: number) => rounded(quantile(ms, q));
  return `p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} max ${rounded(Math.max(...ms))} ms`;
}

const rounded = (ms: number) => Math.round(ms * 10) / 10;

describe("the breaker, seen over HTTP", () => {
  it("all nodes killed: a few fail, then each is refused at once with Retry-After; back, and closed under traffic", async () => {
    const url = await worker();
    let sent = 0;
    const ask = () => askOf(url, sent++);
    await steadily(20, 1_000, ask).answers; // it has settled in

    // One visitor after another, so that each meets what those before him told.
    const killed = killAll();
    const met: Answer[] = [];
    const isRefusedSince = () =>
      met.length > 50 && met.slice(-50).every(({ status, wasTried }) => status === 503 && !wasTried);
    const isRefused = async () => {
      met.push(await ask());
      return isRefusedSince();
    };
    expect(await until(isRefused, CLOSED_WITHIN_MS)).toBe(true);
    await killed;
    const failed = met.filter(({ status, wasTried }) => status !== 200 && wasTried);

    const down = steadily(50, 10_000, ask);
    // What touches nothing, asked beside it: how late this busy machine is with any answer.
    const idle = steadily(50, 10_000, () => lateness(url));
    const refused = await down.answers;
    const ms = refused.map((answer) => answer.ms);
    const idleMs = await idle.answers;
    console.log(
      `all nodes killed: ${failed.length} requests failed, then ${refused.length} refused at 50 a second: ${spread(ms)}; ` +
        `/health/live beside them: ${spread(idleMs)}`,
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThanOrEqual(MAX_FAILED);
    expect(refused.filter(({ wasTried }) => wasTried)).toEqual([]);
    for (const answer of [...failed, ...refused]) expectRefusal(answer);
    expect(met.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    // On a quiet machine the idle answer's share of this is 2 or 3 ms; beside other work it is not the breaker's.
    expect(quantile(ms, 0.95) - quantile(idleMs, 0.95)).toBeLessThan(REFUSED_WITHIN_MS);
    expect(await isOpen(url)).toBe(true);

    const back = steadily(200, 20_000, ask);
    await startAll();
    const readyAt = Date.now();
    const returned = (await back.answers).filter(({ at }) => at > readyAt);
    const closed = await closedAt(url);
    const begun = await rampsBegunAt(url);
    const firstRampAt = Math.min(...begun);
    const servedAt = returned.filter(({ status }) => status === 200).map(({ at }) => at);
    const served = servedAt.toSorted((a, b) => a - b);
    const bySecond = [0, 1, 2, 3].map(
      (step) => served.filter((at) => Math.floor((at - firstRampAt) / RAMP_STEP_MS) === step).length,
    );
    console.log(
      `back under 200 requests a second: first answer ${(served[0] ?? Number.NaN) - readyAt} ms after the last node was ` +
        `ready, closed ${closed.map((at) => `${at - readyAt} ms`).join(", ")}; ${begun.length} ramps; served by second of ` +
        `the first ${JSON.stringify(bySecond)}`,
    );
    for (const at of closed) expect(at - readyAt).toBeLessThanOrEqual(CLOSED_WITHIN_MS);
    for (const answer of returned) if (answer.status !== 200) expectRefusal(answer);
    // Never more than the ramps have let in by then. Nobody need hear of a ramp while it is in its first step.
    const allowedBy = (at: number) => begun.map((from) => rampAllows(at - from)).reduce((sum, each) => sum + each);
    expect(served.filter((at, nth) => nth + 1 > allowedBy(at)).map((at) => at - firstRampAt)).toEqual([]);
    expect(allowedBy(firstRampAt + 0.5 * RAMP_STEP_MS)).toBeLessThan(50 * NODES.length);
    const last = returned.filter(({ at }) => at > Math.max(...closed) + 1_000);
    expect(last.filter(({ status }) => status !== 200)).toEqual([]);
    expect(last.length).toBeGreaterThan(100);
  }, 90_000);

  it("back, and closed without any traffic", async () => {
    const url = await worker();
    let sent = 0;
    const ask = () => askOf(url, sent++);
    await steadily(20, 1_000, ask).answers;
    await killAll();
    expect(await until(async () => (await ask()).status === 503 && (await isOpen(url)), CLOSED_WITHIN_MS)).toBe(true);
    await startAll();
    const readyAt = Date.now();
    await new Promise((resolve) => setTimeout(resolve, CLOSED_WITHIN_MS)); // nobody asks anything meanwhile
    const closed = await closedAt(url);
    console.log(
      `back without traffic: closed ${closed.map((at) => `${at - readyAt} ms`).join(", ")} after the last node was ready`,
    );
    for (const at of closed) expect(at - readyAt).toBeLessThanOrEqual(CLOSED_WITHIN_MS);
    expect((await ask()).status).toBe(200);
  }, 60_000);
});

describe("twelve isolates of two colos, when all nodes are killed", () => {
  let bed: Bed;

  beforeAll(async () => {
    const bundle = await bundleBed(".breakwater/test-breaker-bed");
    bed = await startBed({ bundle, isolates: 12, environment: system.environment, colos: ["FRA", "AMS"] });
  });
  afterAll(() => bed?.close());

  it("send three probes at a time to a node at most, until it is back, and nothing else", async () => {
    const urls = bed.isolates.map(({ url }) => url);
    let sent = 0;
    const ask = () => {
      sent++;
      return askOf(urls[sent % urls.length] ?? "", sent);
    };
    await steadily(24, 1_000, ask).answers;
    // The coordinator looks at nodes by questions of the same name; without it, all that ask are probes.
    await bed.host.fault("ReplicaCoordinator", "*", { kind: "throw" });
    await killAll();
    const first = urls[0] ?? "";
    const isOpenForAll = async () => {
      const answers = await Promise.all(urls.map((url, index) => askOf(url, index)));
      return answers.every(({ status, wasTried }) => status === 503 && !wasTried) && (await isOpen(first));
    };
    expect(await until(isOpenForAll, CLOSED_WITHIN_MS)).toBe(true);
    // What began before it was open comes to its end; and a probe is to be seen for as long as it waits.
    await until(async () => NODES.every((name) => (system.proxy.stats()[name]?.inFlight ?? 0) === 0), 5_000);
    for (const name of NODES) system.proxy.faults.set(name, { match: PROBE, blackHole: true });
    system.proxy.resetStats();
    const down = await steadily(60, 8_000, ask).answers;
    const whileDown = system.proxy.stats();
    const load = steadily(60, 15_000, ask);
    await startAll();
    for (const name of NODES) system.proxy.faults.set(name, { match: PROBE, delayMs: 300 });
    const readyAt = Date.now();
    expect(await until(() => areAll("closed")(first), CLOSED_WITHIN_MS)).toBe(true);
    const closedMs = (await closedAt(first)).map((at) => at - readyAt);
    const stats = system.proxy.stats();
    await load.answers;

    const peaks = NODES.map((name) => stats[name]?.peaks[PROBE] ?? 0);
    const probes = NODES.map((name) => whileDown[name]?.statements[PROBE] ?? 0);
    console.log(
      `twelve isolates, 60 requests a second: probes in 8 s ${probes.join(", ")}, most at a time ${peaks.join(", ")} ` +
        `(k = ${MAX_PROBES}); closed ${closedMs.map((ms) => `${ms} ms`).join(", ")} after the last node was ready`,
    );
    for (const name of NODES) {
      expect(Object.keys(whileDown[name]?.statements ?? {})).toEqual([PROBE]);
    }
    for (const peak of peaks) expect(peak).toBeGreaterThan(0);
    for (const peak of peaks) expect(peak).toBeLessThanOrEqual(MAX_PROBES);
    expect(down.filter(({ status, wasTried }) => status !== 503 || wasTried)).toEqual([]);
    for (const ms of closedMs) expect(ms).toBeLessThanOrEqual(CLOSED_WITHIN_MS);
  }, 90_000);
});
