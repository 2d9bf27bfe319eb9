import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleBed } from "../../tools/bed/bundleBed.ts";
import { type Bed, type BedIsolate, startBed } from "../../tools/bed/startBed.ts";
import { until } from "../../tools/cluster/processes.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

const NODES = ["node-1", "node-2", "node-3"];

let system: TestSystem;
let bed: Bed;

beforeAll(async () => {
  system = await startTestSystem(50, { cache: "on" });
  const bundle = await bundleBed(".breakwater/test-warm-together-bed");
  bed = await startBed({ bundle, isolates: 2, environment: system.environment, colos: ["FRA", "AMS"] });
}, 120_000);
afterAll(async () => {
  await bed?.close();
  await system?.stop();
});

interface Report {
  readonly planned: number;
  readonly done: readonly { readonly path: string }[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
  readonly failed: readonly unknown[];
}

async function warm(isolate: BedIsolate | undefined, order: object): Promise<Report> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const response = await isolate?.fetch("/api/cache/warm", { method: "POST", headers, body: JSON.stringify(order) });
  expect(response?.status).toBe(200);
  return (await response?.json()) as Report;
}

const loads = () =>
  Object.values(system.proxy.stats()).reduce((sum, { statements }) => sum + (statements["pitches.browse"] ?? 0), 0);
const paths = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `/api/pitches?limit=${from + at + 1}`);
const named = (each: readonly { readonly path: string }[]) => each.map(({ path }) => path).sort();

/** What both loaded and left, while each load takes a while. */
async function together(first: object, second: object): Promise<readonly Report[]> {
  const [one, two] = bed.isolates;
  for (const node of NODES) system.proxy.faults.set(node, { delayMs: 250 });
  const before = loads();
  const begun = warm(one, first);
  expect(await until(async () => loads() > before, 5_000)).toBe(true);
  const reports = await Promise.all([begun, warm(two, second)]);
  system.proxy.faults.clear();
  return reports;
}

it("two calls at once, a continent apart, load each key once, and tell whose the others are", async () => {
  const reports = await together({ paths: paths(0, 8) }, { paths: paths(4, 12) });
  expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
  expect(named(reports.flatMap(({ done }) => done))).toEqual(paths(0, 12).sort());
  const joined = reports.flatMap(({ skipped }) => skipped);
  expect(named(joined)).toEqual(paths(4, 8).sort());
  expect(new Set(joined.map(({ why }) => why))).toEqual(new Set(["joined"]));
  // A run that is over holds nothing.
  const again = await warm(bed.isolates[1], { paths: paths(4, 8) });
  expect(again).toMatchObject({ planned: 4, skipped: [] });
}, 60_000);

it("two calls for what is hot do as well", async () => {
  const [one] = bed.isolates;
  const visit = () =>
    Promise.all(paths(0, 6).map(async (path) => (await one?.fetch(`${path}&genre=drama`))?.arrayBuffer()));
  const isHot = async () => {
    await visit();
    return (await warm(one, { top: 10, dryRun: true })).planned >= 6;
  };
  expect(await until(isHot, 60_000)).toBe(true);
  const reports = await together({ top: 10 }, { top: 10 });
  const done = named(reports.flatMap((each) => each.done));
  expect(done).toEqual([...new Set(done)]);
  expect(done.length).toBeGreaterThanOrEqual(6);
  expect(reports.flatMap(({ skipped }) => skipped).some(({ why }) => why === "joined")).toBe(true);
}, 90_000);

it("a run whose loads are slow leaves the rest to visitors", async () => {
  for (const node of NODES) system.proxy.faults.set(node, { delayMs: 700 });
  const { planned, done, skipped, failed } = await warm(bed.isolates[0], { paths: paths(12, 28) });
  system.proxy.faults.clear();
  const left = skipped.filter(({ why }) => why === "busy");
  expect([planned, done.length + failed.length + left.length, left.length > 0]).toEqual([16, 16, true]);
}, 60_000);
