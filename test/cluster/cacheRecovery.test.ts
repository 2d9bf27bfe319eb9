import { afterAll, beforeAll, expect, it } from "vitest";
import { RECOVERY_PATIENCE_MS, RECOVERY_REFRESHES_PER_S } from "../../src/cache/constants.ts";
import { until } from "../../tools/cluster/processes.ts";
import { bundleWorker } from "../../tools/local/bundleWorker.ts";
import { type LocalWorker, startWorker } from "../../tools/local/startWorker.ts";
import { Random, zipf } from "../../tools/seed/random.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";

/** As the Worker's routes have it: fresh for a second, given for three more while it is loaded anew, for 65 in an outage. */
const STALE_MS = 4_100;
/** Long enough to start the nodes, and well within that. */
const WATCHED_MS = 25_000;
const NODES = ["node-1", "node-2", "node-3"];
const PATHS = ["drama", "comedy", "thriller"].flatMap((genre) =>
  Array.from({ length: 90 }, (_, at) => `/api/pitches?genre=${genre}&limit=${at + 5}`),
);
/** A request each 3 ms: without a pace they would load some hundred keys a second. */
const EVERY_MS = 3;

let system: TestSystem;
let worker: LocalWorker;
/** When a list was asked of a node, and which. A load may ask two nodes. */
const asked: { readonly at: number; readonly list: string }[] = [];

beforeAll(async () => {
  const bundling = bundleWorker(".breakwater/test-recovery", "tools/bed/worker/shortLivedWorker.ts");
  system = await startTestSystem(300, {
    cache: "on",
    onStatements: (statements) => {
      const list = statements.find(({ text }) => /\bfrom\s+pitches\b/i.test(text));
      if (list) asked.push({ at: Date.now(), list: JSON.stringify(list.values) });
    },
  });
  worker = await startWorker({ bundle: await bundling, environment: system.environment, port: 0 });
}, 120_000);
afterAll(async () => {
  await worker?.close();
  await system?.stop();
});

interface Answer {
  readonly path: string;
  readonly at: number;
  readonly status: number;
  readonly cacheStatus: string;
  readonly ageMs: number;
}

async function ask(path: string): Promise<Answer> {
  const response = await fetch(worker.url + path);
  await response.arrayBuffer();
  const { status, headers } = response;
  const cacheStatus = headers.get("Cache-Status") ?? "";
  return { path, at: Date.now(), status, cacheStatus, ageMs: 1_000 * Number(headers.get("Age")) };
}

/** Visitors who ask for what is hot most of the time, until it is so; and by how much the machine was late for one at most. */
async function visits(isOver: () => boolean): Promise<{ answers: Answer[]; lateMs: number }> {
  const [random, draw] = [new Random(1), zipf(PATHS.length, 1)];
  const answers: Promise<Answer>[] = [];
  let lateMs = 0;
  while (!isOver()) {
    answers.push(ask(PATHS[draw(random)] ?? ""));
    const dueAt = performance.now() + EVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    lateMs = Math.max(lateMs, performance.now() - dueAt);
  }
  return { answers: await Promise.all(answers), lateMs };
}

/** How many lists were loaded in the second from then on: none is old again within one, so asked twice it is one load. */
function loadsFrom(start: number): number {
  return new Set(asked.filter(({ at }) => at >= start && at < start + 1_000).map(({ list }) => list)).size;
}

it("when the nodes are back nobody who has a copy waits for a load, and they are asked at a pace", async () => {
  for (const path of PATHS) expect(await ask(path)).toHaveProperty("status", 200);
  await Promise.all(NODES.map((name) => system.cluster.kill(name)));
  const killedAt = Date.now();
  const isGone = (answer: Answer) => answer.cacheStatus.includes("detail=stale-if-error");
  expect(await until(async () => (await Promise.all(PATHS.map(ask))).every(isGone), STALE_MS + 10_000)).toBe(true);
  const before = await visits(() => Date.now() > killedAt + STALE_MS + 3_000);
  expect(before.answers.every(isGone)).toBe(true);
  const startsAt = Date.now();
  asked.length = 0;
  await system.cluster.start("primary");
  for (const name of NODES) await system.cluster.start(name);
  const { answers, lateMs } = await visits(() => Date.now() > killedAt + WATCHED_MS);

  const firstNew = new Map<string, number>();
  for (const { path, at, ageMs } of answers) {
    const isNew = ageMs + 1_000 < at - startsAt; // loaded since, though the age is a whole number of seconds
    if (isNew && !firstNew.has(path)) firstNew.set(path, at);
  }
  const backAt = Math.min(...firstNew.values());
  const peak = Math.max(...asked.map(({ at }) => loadsFrom(at)));
  const waited = answers.filter(({ cacheStatus }) => !cacheStatus.includes("hit"));
  console.log(
    `the first new answer ${backAt - startsAt} ms after the nodes were ordered to start; ${peak} loads in ` +
      `the busiest second, with the machine ${Math.round(lateMs)} ms late at most; ${firstNew.size} of ${PATHS.length} keys new; ${answers.length} requests, ${waited.length} waited`,
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(waited).toEqual([]);
  // The turns that come in a second, and those that may be saved up; loads of a second that was longer may be seen in one.
  const turns = 1 + RECOVERY_REFRESHES_PER_S * (1 + (RECOVERY_PATIENCE_MS + lateMs) / 1_000);
  expect(peak).toBeLessThanOrEqual(turns);
  // It does come back, and first to what is asked for most.
  expect(PATHS.slice(0, 8).filter((path) => !firstNew.has(path))).toEqual([]);
}, 120_000);
