import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { bundleWorker } from "../../tools/local/bundleWorker.ts";
import { type LocalWorker, startWorker } from "../../tools/local/startWorker.ts";
import { operatorOf } from "./support/operatorOf.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

/** As the Worker's routes have it: fresh for a second (and a tenth), and 65 more where the database is gone. */
const FRESH_MS = 1_000;
const ERROR_MS = 65_000;
const NODES = ["node-1", "node-2", "node-3"];
const WARMED = ["/api/pitches", "/api/pitches?genre=drama", "/api/pitches/search?q=star", "/api/pitches?sort=popular"];
const COLD = "/api/pitches?genre=western&limit=7";

let system: TestSystem;
let worker: LocalWorker;

beforeAll(async () => {
  system = await startTestSystem(300, { cache: "on" });
  const bundle = await bundleWorker(".breakwater/test-short-lived", "tools/bed/worker/shortLivedWorker.ts");
  worker = await startWorker({ bundle, environment: system.environment, port: 0 });
}, 120_000);
afterAll(async () => {
  await worker?.close();
  await system?.stop();
});

interface Answer {
  readonly at: number;
  readonly path: string;
  readonly status: number;
  readonly cacheStatus: string;
  readonly retryAfter: string | null;
  readonly age: number;
}

async function ask(path: string): Promise<Answer> {
  const response = await fetch(worker.url + path);
  await response.arrayBuffer();
  const of = (name: string) => response.headers.get(name);
  return {
    at: Date.now(),
    path,
    status: response.status,
    cacheStatus: of("Cache-Status") ?? "",
    retryAfter: of("Retry-After"),
    age: Number(of("Age")),
  };
}

const admin = (path: string) => operatorOf(worker.url)(path);

interface Shown {
  readonly hot: { readonly runway: { readonly ms: number | null; readonly keys: number } };
}
const runwayMs = async () => ((await admin("/cache")).body as unknown as Shown).hot.runway;

it("warmed answers last their whole window without the database, cold ones are refused, and the runway says how long", async () => {
  // Wanted by somebody, so that they are hot; and heard of by the world.
  for (let round = 0; round < 12; round++) for (const path of WARMED) await ask(path);
  expect(
    await until(async () => {
      for (const path of WARMED) await ask(path);
      return ((await runwayMs()).keys ?? 0) >= WARMED.length;
    }, 40_000),
  ).toBe(true);
  const warmed = await fetch(`${worker.url}/api/cache/warm`, {
    method: "POST",
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify({ paths: WARMED }),
  });
  const report = (await warmed.json()) as { done: { path: string }[]; skipped: unknown[]; failed: unknown[] };
  expect([report.done.map(({ path }) => path).toSorted(), report.skipped, report.failed]).toEqual([
    WARMED.toSorted(),
    [],
    [],
  ]);
  const warmedAt = Date.now();
  await Promise.all(NODES.map((name) => system.cluster.kill(name)));
  const killedAt = Date.now();

  const answers: Answer[] = [];
  const runways: { at: number; ms: number | null }[] = [];
  const health: string[] = [];
  let sent = 0;
  while (Date.now() < warmedAt + FRESH_MS + ERROR_MS + 6_000) {
    const path = sent % 5 === 4 ? COLD : (WARMED[sent % WARMED.length] ?? "");
    sent++;
    answers.push(await ask(path));
    if (sent % 10 === 0) {
      runways.push({ at: Date.now(), ms: (await runwayMs()).ms });
      health.push(((await (await fetch(`${worker.url}/health`)).json()) as { status: string }).status);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const ofWarmed = answers.filter(({ path }) => path !== COLD);
  const ofCold = answers.filter(({ path, at }) => path === COLD && at > killedAt);
  const refused = ofWarmed.filter(({ status }) => status !== 200);
  const firstRefusedAt = refused[0]?.at ?? Number.NaN;
  // What was told before the copies were warmed may still be on its way when these count already.
  const lastAbove = runways.findLastIndex(({ ms }) => ms !== null && ms > 0);
  const zeroAt = lastAbove < 0 ? Number.NaN : (runways[lastAbove + 1]?.at ?? Number.NaN);
  console.log(
    `${ofWarmed.length} warmed: the first was refused ${firstRefusedAt - warmedAt} ms after warming, the runway was 0 ` +
      `after ${zeroAt - warmedAt} ms; ${ofCold.length} cold; /health ${[...new Set(health)].join(" → ")}`,
  );
  // Nothing but copies until the first one's end, and what they say of themselves is true.
  expect(firstRefusedAt - warmedAt).toBeGreaterThan(ERROR_MS);
  for (const { at, cacheStatus, age } of ofWarmed.filter((each) => each.at < firstRefusedAt)) {
    expect(cacheStatus).toMatch(/hit;ttl=-?\d+/);
    if (at - warmedAt > FRESH_MS * 1.1 + 3_500) expect(cacheStatus).toContain("detail=stale-if-error");
    expect(age).toBeLessThanOrEqual(Math.ceil((at - warmedAt) / 1_000) + 1);
  }
  for (const { status, retryAfter } of [...ofCold, ...refused]) {
    expect(status).toBe(503);
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  }
  expect(ofWarmed.filter(({ at }) => at > firstRefusedAt + 3_500).every(({ status }) => status === 503)).toBe(true);
  expect(Math.abs(zeroAt - firstRefusedAt)).toBeLessThan(2_000);
  // Until the breakers open, healthy; then degraded for as long as there are copies.
  expect([...new Set(health)]).toEqual(["healthy", "degraded", "unhealthy"]);

  for (const name of ["primary", ...NODES]) await system.cluster.start(name);
  expect(await until(async () => (await ask(WARMED[0] ?? "")).status === 200, 20_000)).toBe(true);
}, 240_000);
