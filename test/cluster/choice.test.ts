import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import { bundleWorker } from "../../tools/local/bundleWorker.ts";
import { type LocalWorker, startWorker } from "../../tools/local/startWorker.ts";
import { sqlOn } from "./support/sqlOn.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

const REPLICAS = ["node-2", "node-3"] as const;
const PRIMARY = "node-1";
const DEADLINE_MS = 3_000;
/** So long before the object has written that a ramp began some isolate may take it to have begun. */
const RAMP_EARLY_MS = 250;
const FOLDER = `.breakwater/choice-bundle-${process.pid}`;

/** One read: when it was sent, what it came to, and where. */
interface Read {
  readonly atMs: number;
  readonly ms: number;
  readonly status: number;
  readonly node: string;
  readonly reason: string;
  readonly retryAfter: string | null;
}

let system: TestSystem;
let bundle: Awaited<ReturnType<typeof bundleWorker>>;
let worker: LocalWorker;
const workers: LocalWorker[] = [];

beforeAll(async () => {
  system = await startTestSystem(200);
  bundle = await bundleWorker(FOLDER, "bench/replicas/worker.ts");
  worker = await start({});
}, 120_000);
afterAll(async () => {
  for (const each of workers) await each.close();
  await system.stop();
  await rm(FOLDER, { recursive: true, force: true });
});
afterEach(async () => {
  system.proxy.faults.clear();
  for (const node of REPLICAS) {
    await system.cluster.start(node);
    await system.cluster.lag(node, 0);
  }
  // Both are read from again.
  const seen = new Set<string>();
  const areBoth = async () => {
    for (let count = 0; count < 10; count++) seen.add((await read("/any")).node);
    return REPLICAS.every((node) => seen.has(node));
  };
  expect(await until(areBoth, 40_000)).toBe(true);
}, 60_000);

/** A Worker whose routes read, each with a freshness of its own. */
async function start(changes: Record<string, string>): Promise<LocalWorker> {
  const started = await startWorker({ bundle, environment: { ...system.environment, ...changes }, port: 0 });
  workers.push(started);
  await started.scheduled("* * * * *");
  return started;
}

async function read(path: string, of: LocalWorker = worker): Promise<Read> {
  const atMs = performance.now();
  const response = await fetch(`${of.url}${path}`);
  await response.text();
  const [node = "", reason = ""] = (response.headers.get("Breakwater-Route") ?? "").split(";");
  return {
    atMs,
    ms: performance.now() - atMs,
    status: response.status,
    node,
    reason: reason.replace("reason=", ""),
    retryAfter: response.headers.get("Retry-After"),
  };
}

/** When the node began to be let in little by little, the last time, as `performance.now` tells it. */
async function rampBegunAt({ url }: LocalWorker, name: string): Promise<number> {
  const response = await fetch(`${url}/admin/breaker`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
  const { transitions } = (await response.json()) as {
    transitions: readonly { readonly node: string; readonly to: string; readonly agoMs: number }[];
  };
  const agoMs = transitions.filter(({ node, to }) => node === name && to === "ramping").map((each) => each.agoMs);
  return performance.now() - Math.min(...agoMs);
}

const failed = (reads: readonly Read[]) => reads.filter(({ status }) => status !== 204);
const share = (reads: readonly Read[], node: string) =>
  reads.filter((each) => each.node === node).length / Math.max(1, reads.length);
const p99 = (reads: readonly Read[]) =>
  reads.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.ceil(0.99 * reads.length) - 1] ?? Number.NaN;

async function on<T>(node: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { connectionString } = await system.cluster.resolve(node);
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe("the choice of a replica", () => {
  it("shares reads among both", async () => {
    const reads = await steadily(50, 4_000, () => read("/any")).answers;
    expect(failed(reads)).toEqual([]);
    for (const node of REPLICAS) expect(share(reads, node)).toBeGreaterThan(0.25);
  });

  it.each([
    ["stopped", (node: string) => system.cluster.stop(node)],
    ["killed", (node: string) => system.cluster.kill(node)],
  ])("fails no read where a replica is %s amid them, and sends it none a second later", async (_, harm) => {
    const load = steadily(50, 5_000, () => read("/sleepy/50"));
    let harmedAt = 0;
    await load.after(1_500, async () => {
      harmedAt = performance.now();
      await harm("node-2");
    });
    const reads = await load.answers;
    expect(failed(reads)).toEqual([]);
    const later = reads.filter(({ atMs }) => atMs > harmedAt + 1_000);
    expect(share(later, "node-2")).toBe(0);
    const asked = system.proxy.stats()["node-2"]?.statements["bench.sleepy-5"] ?? 0;
    await steadily(50, 1_000, () => read("/sleepy/5")).answers;
    // Now and then it is looked at; no visitor's read finds out for us.
    expect((system.proxy.stats()["node-2"]?.statements["bench.sleepy-5"] ?? 0) - asked).toBeLessThanOrEqual(1);
  });

  it("gives a replica that is back its share, little by little", async () => {
    // A dozen are under way there: more than enough to open it for who never saw it fall before (of fewer it would be
    // avoided for a moment, and back at once), and no more than the other one can take over.
    const fresh = await start({});
    const fall = steadily(50, 4_000, () => read("/sleepy/150", fresh));
    let backAt = 0;
    await fall.after(2_500, async () => {
      const more = Array.from({ length: 16 }, () => read("/sleepy/150", fresh));
      const isUnderWay = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
      expect(await until(async () => (await sqlOn(system.cluster, "node-2", isUnderWay)).length >= 6, 300)).toBe(true);
      await system.cluster.kill("node-2");
      await Promise.all(more);
      await system.cluster.start("node-2"); // before it is probed for the first time, two seconds after its fall
      backAt = performance.now();
    });
    expect(failed(await fall.answers)).toEqual([]);
    const load = steadily(100, 12_000, () => read("/any", fresh));
    const reads = await load.answers;
    expect(failed(reads)).toEqual([]);
    const firstAt = reads.find(({ node }) => node === "node-2")?.atMs ?? Number.POSITIVE_INFINITY;
    expect(firstAt - backAt).toBeLessThan(5_000);
    // Whoever hears late of a ramp begins with its second step or its third: its seconds are the ramp's.
    const rampAt = await rampBegunAt(fresh, "node-2");
    expect(rampAt).toBeLessThan(firstAt + RAMP_EARLY_MS);
    const seconds = Array.from({ length: 8 }, (_, second) =>
      share(
        reads.filter(({ atMs }) => Math.floor((atMs - rampAt) / 1_000) === second),
        "node-2",
      ),
    );
    console.log(
      `    its ramp ${Math.round(rampAt - backAt)} ms, its first read ${Math.round(firstAt - backAt)} ms after its return`,
    );
    console.log(`    its share by the second: ${seconds.map((each) => each.toFixed(2)).join(" ")}`);
    expect(reads.filter(({ node }) => node === PRIMARY)).toEqual([]);
    // Of a hundred the ramp lets five through, then twenty-five, then all.
    expect(seconds[0]).toBeLessThan(0.25);
    // Never half as much again as its share, which it has in the end.
    expect(Math.max(...seconds)).toBeLessThanOrEqual(0.75);
    const inTheEnd = share(reads.slice(-400), "node-2");
    expect(inTheEnd).toBeGreaterThan(0.35);
    expect(inTheEnd).toBeLessThan(0.65);
  }, 90_000);

  it("keeps reads within half a deadline while a replica takes questions and never answers", async () => {
    const load = steadily(50, 6_000, () => read("/any"));
    await load.after(1_000, async () => system.proxy.faults.set("node-2", { blackHole: true }));
    const reads = await load.answers;
    expect(failed(reads)).toEqual([]);
    expect(p99(reads)).toBeLessThan(DEADLINE_MS / 2);
    expect(share(reads.slice(-100), "node-2")).toBe(0);
  });

  it.each([
    ["answers 200 ms late", () => system.proxy.faults.set("node-2", { delayMs: 200 })],
    [
      "is kept busy",
      () => {
        system.proxy.faults.set("node-2", { distribution: { kind: "uniform", fromMs: 150, toMs: 250 } });
      },
    ],
  ])(
    "turns from a replica that %s, and back to it within half a minute",
    async (_, harm) => {
      system.proxy.faults.set("node-3", { delayMs: 2 });
      harm();
      const slow = await steadily(50, 8_000, () => read("/any")).answers;
      expect(failed(slow)).toEqual([]);
      expect(share(slow.slice(250), "node-2")).toBeLessThan(0.1);
      system.proxy.faults.clear();
      const well = await steadily(50, 30_000, () => read("/any")).answers;
      // Ten seconds of it: a machine that is busy by itself makes now this one late and now that one.
      const inTheEnd = share(well.slice(-500), "node-2");
      expect(inTheEnd).toBeGreaterThan(0.35);
      expect(inTheEnd).toBeLessThan(0.65);
    },
    90_000,
  );

  it("asks elsewhere where recovery cancels a read, and holds that against nobody", async () => {
    for (const node of REPLICAS) {
      await on(node, async (client) => {
        await client.query("ALTER SYSTEM SET max_standby_streaming_delay = '300ms'");
        await client.query("SELECT pg_reload_conf()");
      });
    }
    const load = steadily(10, 6_000, () => read("/sleepy/600"));
    let isOver = false;
    const churn = (async () => {
      while (!isOver) {
        await setTimeout(500);
        await on("primary", async (client) => {
          await client.query(
            "UPDATE pitches SET updated_at = updated_at WHERE id IN (SELECT id FROM pitches LIMIT 50)",
          );
          await client.query("VACUUM pitches");
        });
      }
    })();
    const reads = await load.answers.finally(async () => {
      isOver = true;
      await churn;
    });
    const again = reads.filter(({ reason }) => reason === "retry" || reason === "spill");
    console.log(`    asked again: ${again.length} of ${reads.length}`);
    expect(failed(reads)).toEqual([]);
    // More than a budget of retries would allow: a fifth of so many reads.
    expect(again.length).toBeGreaterThan(reads.length / 5);
    const after = await steadily(50, 4_000, () => read("/any")).answers;
    for (const node of REPLICAS) expect(share(after, node)).toBeGreaterThan(0.3);
  });
});

describe("reads in place of replicas", () => {
  it("never burden the primary beyond the budget; the others are told when to come again", async () => {
    const bounded = await start({ SPILL_READS_PER_S: "20" });
    await steadily(20, 500, () => read("/any", bounded)).answers;
    for (const node of REPLICAS) await system.cluster.kill(node);
    await until(async () => (await read("/any", bounded)).node === PRIMARY, 10_000);
    await steadily(50, 2_000, () => read("/any", bounded)).answers; // both are ejected by then
    const reads = await steadily(50, 5_000, () => read("/any", bounded)).answers;
    const answered = reads.filter(({ status }) => status === 204);
    console.log(`    answered: ${answered.length} of ${reads.length}`);
    expect(answered.every(({ node, reason }) => node === PRIMARY && reason !== "any")).toBe(true);
    expect(answered.length).toBeLessThanOrEqual(5 * 20 + 5);
    expect(answered.length).toBeGreaterThan(5 * 20 * 0.8);
    for (const { status, retryAfter } of failed(reads)) expect([status, retryAfter]).toEqual([503, "1"]);
  }, 60_000);

  it("are none where the reads are the primary's own", async () => {
    const bounded = await start({ SPILL_READS_PER_S: "0" });
    const reads = await steadily(30, 1_000, () => read("/strict", bounded)).answers;
    expect(failed(reads)).toEqual([]);
  });
});

describe("a bounded read", () => {
  const reasons = (reads: readonly Read[]) => new Set(reads.map(({ reason }) => reason));

  it("is no replica's that lags beyond the bound, and a replica's again once that has caught up", async () => {
    const ofReplica = async () => (await read("/bounded/2000")).node !== PRIMARY;
    for (const node of REPLICAS) await system.cluster.lag(node, 2_000);
    let isOver = false;
    const writes = (async () => {
      while (!isOver) {
        await on("primary", (client) =>
          client.query("UPDATE pitches SET updated_at = now() WHERE id = (SELECT id FROM pitches LIMIT 1)"),
        );
        await setTimeout(100);
      }
    })();
    try {
      await until(async () => !(await ofReplica()), 10_000);
      await setTimeout(3_000);
      const lagging = await steadily(20, 4_000, () => read("/bounded/2000")).answers;
      expect(failed(lagging)).toEqual([]);
      expect([...reasons(lagging)]).toEqual(["bounded"]);
      expect(share(lagging, PRIMARY)).toBe(1);
      for (const node of REPLICAS) await system.cluster.lag(node, 0);
      expect(await until(ofReplica, 20_000)).toBe(true);
      const wide = await steadily(20, 3_000, () => read("/bounded/20000")).answers;
      expect([share(wide, PRIMARY), failed(wide).length]).toEqual([0, 0]);
    } finally {
      isOver = true;
      await writes;
    }
  }, 90_000);

  it("is a replica's though the primary has had nothing to log for a while", async () => {
    await until(async () => (await read("/bounded/15000")).node !== PRIMARY, 20_000);
    const reads = await steadily(2, 20_000, () => read("/bounded/15000")).answers;
    expect([failed(reads).length, share(reads, PRIMARY)]).toEqual([0, 0]);
  }, 60_000);

  it("is refused rather than answered by who cannot prove it, where the primary is gone", async () => {
    await system.cluster.kill("primary");
    try {
      const reads = await steadily(10, 2_000, () => read("/bounded/0")).answers;
      expect(reads.every(({ status, retryAfter }) => status === 503 && retryAfter !== null)).toBe(true);
    } finally {
      await system.cluster.start("primary");
      await until(async () => (await read("/strict")).status === 204, 20_000);
    }
  }, 60_000);
});
