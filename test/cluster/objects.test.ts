import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_LEASES, RAMP_RATES_PER_S } from "../../src/breaker/constants.ts";
import type { ObjectFault } from "../../tools/bed/bedFaults.ts";
import { bundleBed } from "../../tools/bed/bundleBed.ts";
import { type Bed, type BedIsolate, startBed } from "../../tools/bed/startBed.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import type { Bundle } from "../../tools/local/bundleWorker.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

/** What is promised for the state of the world to reach whoever asks. */
const PROMISED_MS = 15_000;

interface NodeVerdict {
  readonly name: string;
  readonly state: string;
  readonly epoch: number;
  /** Of a shadowed node: what it would be. */
  readonly would?: string;
}
interface BreakerAnswer {
  readonly nodes: readonly NodeVerdict[];
  readonly transitions: readonly { node: string; from: string; to: string; agoMs: number; evidence: string }[];
}

let system: TestSystem;
let bedBundle: Bundle;

beforeAll(async () => {
  [system, bedBundle] = await Promise.all([startTestSystem(300), bundleBed(".breakwater/test-bed")]);
});
afterAll(() => system?.stop());

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(url + path, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (path === "/metrics" ? response.text() : response.json()) as Promise<T>;
}

const NODES = ["node-1", "node-2", "node-3"];
const breakerOf = (url: string) => get<BreakerAnswer>(url, "/admin/breaker");
const statesOf = ({ nodes }: BreakerAnswer) => nodes.map(({ state }) => state);
const browse = (url: string) => fetch(`${url}/api/pitches?limit=2`).then((response) => response.text());
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the world's breaker, when all nodes are killed", () => {
  let storage: string;

  beforeAll(async () => {
    storage = await mkdtemp(join(tmpdir(), "breakwater-objects-"));
  });
  afterAll(() => rm(storage, { recursive: true, force: true }));

  it("opens with evidence, outlives a restart of the Worker, and closes without any visitor", async () => {
    const silent = await system.another({}, { objectStorage: storage });
    const visited = await system.another({});
    for (const { url } of [silent, visited]) {
      for (let request = 0; request < 3; request++) await browse(url);
    }
    for (const name of NODES) await system.cluster.kill(name);
    for (const { url } of [silent, visited]) {
      const isOpen = async () => {
        await browse(url);
        return statesOf(await breakerOf(url)).every((state) => state === "open" || state === "half-open");
      };
      expect(await until(isOpen, PROMISED_MS)).toBe(true);
    }
    const before = await breakerOf(silent.url);
    for (const name of NODES) {
      const opened = before.transitions.find(({ node, to }) => node === name && to === "open");
      expect(opened?.evidence).toMatch(/[1-9]\d* failed/);
    }

    await silent.close();
    const restarted = await system.another({}, { objectStorage: storage });
    const after = await breakerOf(restarted.url);
    expect(after.transitions.length).toBeGreaterThanOrEqual(before.transitions.length);
    for (const { name, state, epoch } of after.nodes) {
      expect(["open", "half-open"]).toContain(state);
      expect(epoch).toBeGreaterThanOrEqual(before.nodes.find((node) => node.name === name)?.epoch ?? 1);
    }

    for (const name of ["primary", "node-1", "node-2", "node-3"]) await system.cluster.start(name);
    const startedAt = performance.now();
    await browse(visited.url); // the one request of this minute
    await sleep(PROMISED_MS - 500);
    const answers = await Promise.all([restarted.url, visited.url].map(breakerOf));
    expect(performance.now() - startedAt).toBeLessThan(PROMISED_MS);
    expect(answers.map(statesOf)).toEqual([
      ["closed", "closed", "closed"],
      ["closed", "closed", "closed"],
    ]);
    // They were closed before anybody asked.
    for (const { transitions } of answers) {
      const closed = transitions.filter(({ to }) => to === "closed");
      expect(Math.min(...closed.map(({ agoMs }) => agoMs))).toBeGreaterThan(0);
    }
    await Promise.all([restarted.close(), visited.close()]); // their objects would ask the nodes beside the next test
  });
});

describe("twenty isolates", () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await startBed({ bundle: bedBundle, isolates: 20, environment: system.environment, colos: ["FRA", "AMS"] });
  });
  afterAll(() => bed?.close());

  it("count a thousand requests as a thousand, over two resets of their Collector", async () => {
    const senders = bed.isolates.slice(0, 3);
    let next = 0;
    const send = async () => {
      const isolate = senders[next++ % senders.length] as BedIsolate;
      return (await isolate.fetch("/api/pitches/search?q=star&limit=1")).status;
    };
    const load = steadily(100, 10_000, send);
    // A scrape makes its isolate exchange at once, and so meet the reset.
    const reset = (isolate: number, fault: ObjectFault) => async () => {
      await bed.host.fault("Collector", "exchange", { ...fault, times: 1 });
      await get<string>(senders[isolate]?.url ?? "", "/metrics");
    };
    const resets = [
      load.after(3_000, reset(0, { kind: "reset" })),
      load.after(6_000, reset(1, { kind: "dropAnswer", by: "reset" })),
    ];
    const statuses = await load.answers;
    await Promise.all(resets);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1_000);
    // Whoever is asked brings its own counts along; of its own accord an isolate of a quiet site comes once in 50 s.
    const seen: number[] = [];
    const isWhole = async () => {
      const asked = senders[seen.length % senders.length] as BedIsolate;
      seen.push(searchesIn(await get<string>(asked.url, "/metrics")));
      return seen.at(-1) === 1_000;
    };
    await until(isWhole, PROMISED_MS);
    expect(seen.at(-1)).toBe(1_000);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b)); // no counter steps back
    expect(await bed.host.clear()).toBe(2); // the resets did happen
    await sleep(1_000);
    expect(searchesIn(await get<string>(bed.isolates[4]?.url ?? "", "/metrics"))).toBe(1_000);
  });

  it("share one breaker: what some tripped is open for all, three probes at a time ask at most, and all close again", async () => {
    const routes = await Promise.all(bed.isolates.map(routeOf));
    const victim = mostFrequent(routes);
    const concerned = bed.isolates.filter((_, index) => routes[index] === victim);
    // The coordinator looks at nodes by questions of the same name; without it, all that ask are probes.
    await bed.host.fault("ReplicaCoordinator", "*", { kind: "throw" });
    system.proxy.faults.set(victim, { drop: true });
    // Of each colo that asks it: what only one of two sees opens it for nobody else.
    const trippers = ["FRA", "AMS"].flatMap((colo) => concerned.filter((isolate) => isolate.colo === colo).slice(0, 3));
    const knows = async (isolate: BedIsolate) => {
      const { nodes } = await get<HealthAnswer>(isolate.url, "/admin/health");
      return nodes.find(({ name }) => name === victim)?.breaker;
    };
    const isOpenEverywhere = async () => {
      await Promise.all(trippers.map((isolate) => browse(isolate.url)));
      const known = await Promise.all(bed.isolates.map(knows));
      return known.every((breaker) => breaker?.scope === "world" && breaker.state !== "closed");
    };
    expect(await until(isOpenEverywhere, PROMISED_MS)).toBe(true);

    const isQuiet = async () => {
      const askedBefore = requestsTo(victim);
      await sleep(500); // longer than a check pauses between two tries
      return requestsTo(victim) === askedBefore && (system.proxy.stats()[victim]?.inFlight ?? 0) === 0;
    };
    await until(isQuiet, PROMISED_MS); // checks that began before it was open come to their end
    system.proxy.faults.set(victim, { blackHole: true }); // a probe is to be seen for as long as it waits
    const before = { ...system.proxy.stats()[victim]?.statements };
    const inFlight: number[] = [];
    const watch = setInterval(() => inFlight.push(system.proxy.stats()[victim]?.inFlight ?? 0), 10);
    await steadily(40, 10_000, () => browse((bed.isolates[inFlight.length % 20] as BedIsolate).url)).answers;
    clearInterval(watch);
    const after = system.proxy.stats()[victim]?.statements ?? {};
    const asked = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(asked).toEqual(["breakwater.sample"]);
    expect(Math.max(...inFlight)).toBeGreaterThan(0);
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(MAX_LEASES);

    system.proxy.faults.clear(victim);
    await bed.host.clear();
    const ramps: (number | null)[] = [];
    const isClosedEverywhere = async () => {
      await Promise.all(bed.isolates.map((isolate) => browse(isolate.url)));
      const known = await Promise.all(bed.isolates.map(knows));
      ramps.push(...known.flatMap((breaker) => (breaker?.state === "ramping" ? [breaker.ratePerS] : [])));
      return known.every((breaker) => breaker?.state === "closed");
    };
    expect(await until(isClosedEverywhere, PROMISED_MS)).toBe(true);
    // On the way there was a ramp, of which each of the twenty takes its share; who heard of it in time is chance.
    const { transitions } = await breakerOf(bed.isolates[0]?.url ?? "");
    const lately = transitions.filter(({ node, agoMs }) => node === victim && agoMs < PROMISED_MS);
    expect(lately.map(({ from, to }) => `${from} → ${to}`)).toContain("ramping → closed");
    for (const ratePerS of ramps) {
      expect(ratePerS).toBeGreaterThan(0);
      expect(ratePerS).toBeLessThanOrEqual(Math.max(...RAMP_RATES_PER_S) / 2);
    }
  });

  describe("before an operator's order on a node", () => {
    const first = () => bed.isolates[0] as BedIsolate;
    const order = async (path: string, node: string, body: object) => {
      const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
      const request = { method: "POST", headers, body: JSON.stringify({ node, ...body }) };
      return (await fetch(`${first().url}/admin/breaker/${path}`, request)).status;
    };
    const ofNode = async (node: string) => (await breakerOf(first().url)).nodes.find(({ name }) => name === node);
    const epochOf = async (node: string) => (await ofNode(node))?.epoch ?? -1;
    const isHeard = async (node: string, state: string) => {
      await Promise.all(bed.isolates.map(({ url }) => get<string>(url, "/metrics"))); // which exchanges at once
      const said = await Promise.all(bed.isolates.map(({ url }) => get<HealthAnswer>(url, "/admin/health")));
      return said.every(({ nodes }) => nodes.find(({ name }) => name === node)?.breaker.state === state);
    };

    it("to hold it open, all twenty keep away from it, and go there again when it is taken back", async () => {
      const node = await routeOf(first());
      const hold = { state: "forced-open", reason: "a test", expiresInS: 600, expectedEpoch: await epochOf(node) };
      expect(await order("hold", node, hold)).toBe(200);
      expect(await order("hold", node, hold)).toBe(409);
      expect(await until(() => isHeard(node, "forced-open"), PROMISED_MS)).toBe(true);
      for (const isolate of bed.isolates) {
        for (let request = 0; request < 3; request++) expect(await routeOf(isolate)).not.toBe(node);
      }
      const { checks, notes } = await get<HealthAnswer>(first().url, "/admin/health");
      expect(notes).toContain(`${node} is held open by order`);
      const check = checks["database:responses"]?.find(({ componentId }) => componentId === node);
      expect(check).toMatchObject({ status: "fail", state: "forced-open" });
      expect(await order("release", node, { expectedEpoch: await epochOf(node) })).toBe(200);
      expect(await until(() => isHeard(node, "closed"), 2 * PROMISED_MS)).toBe(true);
    });

    it("to shadow all of them, what they would be is told, and none of the twenty acts upon it", async () => {
      const isHeardOfAll = async (state: string) =>
        (await Promise.all(NODES.map((node) => isHeard(node, state)))).every(Boolean);
      for (const node of NODES) {
        const hold = { state: "shadow", reason: "a test", expiresInS: 600, expectedEpoch: await epochOf(node) };
        expect(await order("hold", node, hold)).toBe(200);
      }
      expect(await until(() => isHeardOfAll("shadow"), PROMISED_MS)).toBe(true);
      for (const node of NODES) system.proxy.faults.set(node, { drop: true });
      const browseAll = () => Promise.all(bed.isolates.map((isolate) => isolate.fetch("/api/pitches?limit=1")));
      const wouldBeOpen = async () => {
        await browseAll();
        const { nodes } = await breakerOf(first().url);
        return nodes.every(({ state, would }) => state === "shadow" && (would === "open" || would === "half-open"));
      };
      expect(await until(wouldBeOpen, PROMISED_MS)).toBe(true);
      expect(await isHeardOfAll("shadow")).toBe(true);
      // Were they open, nobody would be asked: each request is refused by what the nodes do, not by what is known of them.
      for (const answer of await browseAll()) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get("Server-Timing")).toContain("db;");
      }
      expect((await get<HealthAnswer>(first().url, "/admin/health")).status).not.toBe("unhealthy");

      // Taken back, what would have been is.
      for (const node of NODES) expect(await order("release", node, { expectedEpoch: await epochOf(node) })).toBe(200);
      for (const state of statesOf(await breakerOf(first().url))) expect(["open", "half-open"]).toContain(state);
      system.proxy.faults.clear();
      expect(await until(() => isHeardOfAll("closed"), 2 * PROMISED_MS)).toBe(true);
    });
  });

  interface HealthAnswer {
    readonly nodes: readonly {
      readonly name: string;
      readonly breaker: { readonly state: string; readonly scope: string; readonly ratePerS: number | null };
    }[];
    readonly status: string;
    readonly notes: readonly string[];
    readonly checks: Readonly<Record<string, readonly { readonly componentId: string; readonly status: string }[]>>;
  }

  async function routeOf(isolate: BedIsolate): Promise<string> {
    const response = await isolate.fetch("/api/pitches?limit=1");
    await response.text();
    return /^[\w-]+/.exec(response.headers.get("Breakwater-Route") ?? "")?.[0] ?? "";
  }

  function requestsTo(node: string): number {
    return system.proxy.stats()[node]?.requests ?? 0;
  }
});

describe("with a part missing", () => {
  it("no Cache API: everything works, and admin says which part is off", async () => {
    const bed = await startBed({
      bundle: bedBundle,
      isolates: 2,
      environment: system.environment,
      hasCache: false,
    });
    try {
      for (const { url } of bed.isolates) {
        expect((await fetch(`${url}/api/pitches?limit=1`)).status).toBe(200);
        const hasHeard = async () => (await get<Overview>(url, "/admin")).parts.objects === "on";
        expect(await until(hasHeard, PROMISED_MS)).toBe(true);
        const { parts } = await get<Overview>(url, "/admin");
        expect([parts.coloCopy, parts.kv]).toEqual(["no Cache API", expect.stringMatching(/^off/)]);
        expect(statesOf(await breakerOf(url))).toEqual(["closed", "closed", "closed"]);
      }
    } finally {
      await bed.close();
    }
  });

  it("no objects: everything works, and admin says which part is off", async () => {
    const { url } = await system.another({}, { hasObjects: false });
    expect((await fetch(`${url}/api/pitches?limit=1`)).status).toBe(200);
    const { parts } = await get<Overview>(url, "/admin");
    expect(parts.objects).toMatch(/^off: no COLLECTOR/);
    expect(parts.coloCopy).toBe("off");
    expect(statesOf(await breakerOf(url))).toEqual(["closed", "closed", "closed"]);
  });

  interface Overview {
    readonly parts: Readonly<Record<string, string>>;
  }
});

function searchesIn(metrics: string): number {
  return metrics
    .split("\n")
    .filter((line) => line.startsWith("breakwater_http_requests_total{") && line.includes('"/api/pitches/search"'))
    .reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
}

function mostFrequent(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}
