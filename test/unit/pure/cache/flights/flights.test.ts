import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bundleEntry } from "../../../../../bench/bundleEntry.ts";
import { FLIGHT_JOIN_MS } from "../../../../../src/cache/constants.ts";
import type { Bundle } from "../../../../../tools/local/bundleWorker.ts";
import { type RunningMiniflare, startMiniflare } from "../../../../../tools/local/startMiniflare.ts";
import { workerdOptions } from "../../../../../tools/local/workerdOptions.ts";
import { type Source, startSource } from "./source.ts";

/** Shared loads in real workerd, where a promise of another request may never be settled. */

const COLOS = ["FRA", "AMS", "CDG", "LHR"];
const ISOLATES = 8;
/** What a machine with other work to do may add to a time. */
const SLACK_MS = 4_000;
const HUNG_AFTER_MS = 4_000;

vi.setConfig({ testTimeout: 30_000 });

let bundle: Bundle;
let source: Source;
let world: RunningMiniflare;
let lonely: RunningMiniflare;
let urls: readonly string[];
let lonelyUrls: readonly string[];

beforeAll(async () => {
  source = await startSource();
  bundle = await bundleEntry("tools/bed/worker/flightWorker.ts", ".breakwater/test-flights");
  [world, lonely] = await Promise.all([isolates(true), isolates(false)]);
  [urls, lonelyUrls] = await Promise.all([urlsOf(world), urlsOf(lonely)]);
}, 120_000);
afterAll(async () => {
  await Promise.all([world?.close(), lonely?.close(), source?.close()]);
});

const names = Array.from({ length: ISOLATES }, (_, nth) => `isolate-${nth}`);

function isolates(hasObjects: boolean): Promise<RunningMiniflare> {
  const designator = { className: "CacheCoordinator", useSQLite: true };
  return startMiniflare({
    workers: names.map((name, nth) => ({
      name,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      ...workerdOptions(bundle, { SOURCE: source.url, COLO: COLOS[nth % COLOS.length] ?? "" }),
      ...(hasObjects && {
        durableObjects: { CACHE_COORDINATOR: { ...designator, ...(nth > 0 && { scriptName: "isolate-0" }) } },
      }),
    })),
  });
}

function urlsOf({ miniflare }: RunningMiniflare): Promise<string[]> {
  return Promise.all(names.map(async (name) => (await miniflare.unsafeGetDirectURL(name)).origin));
}

interface Told {
  readonly status: number;
  readonly body: string;
  readonly as: string;
  readonly isJoined: boolean;
  readonly ms: number;
}

/** Asks the first isolate, or another. Answers status 0 where none came in the time. */
async function ask(path: string, { base = urls[0] ?? "", signal = AbortSignal.timeout(15_000) } = {}): Promise<Told> {
  const nothing = { status: 0, body: "", as: "", isJoined: false, ms: 0 };
  try {
    const response = await fetch(base + path, { signal });
    const text = await response.text();
    return { ...nothing, ...(response.ok && text.startsWith("{") ? JSON.parse(text) : {}), status: response.status };
  } catch {
    return nothing;
  }
}

async function isUnderWay(path: string, times = 1): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (source.asked(path) < times && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(source.asked(path)).toBeGreaterThanOrEqual(times);
}

test("a hundred who want one cold answer get one load's, each his own to read", async () => {
  const all = await Promise.all(Array.from({ length: 100 }, () => ask("/hundred?ms=300")));
  expect(new Set(all.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(["200 /hundred 1"]));
  expect(source.asked("/hundred")).toBe(1);
  expect(all.filter(({ isJoined }) => isJoined).length).toBeGreaterThan(50);
});

test("keys that differ in their last sign are loaded each for itself", async () => {
  const all = await Promise.all(["/of-ada", "/of-bob"].flatMap((key) => [ask(`${key}?ms=200`), ask(`${key}?ms=200`)]));
  expect(all.map(({ body }) => body)).toEqual(["/of-ada 1", "/of-ada 1", "/of-bob 1", "/of-bob 1"]);
});

describe("who waits for another's load is answered", () => {
  test("by that load, where the other's handler has answered long before", async () => {
    expect((await ask("/left?ms=400&leave")).status).toBe(200);
    await isUnderWay("/left");
    const all = await Promise.all(Array.from({ length: 5 }, () => ask("/left?ms=400")));
    expect(all.map(({ status, body }) => `${status} ${body}`)).toEqual(Array(5).fill("200 /left 1"));
    expect(source.asked("/left")).toBe(1);
  });

  test("where the other's client went away in the middle of it", async () => {
    const controller = new AbortController();
    const leader = ask("/gone?ms=400", { signal: controller.signal });
    await isUnderWay("/gone");
    const followers = Array.from({ length: 5 }, () => ask("/gone?ms=400"));
    controller.abort();
    expect((await leader).status).toBe(0);
    for (const { status, body, ms } of await Promise.all(followers)) {
      expect([status, body.startsWith("/gone ")]).toEqual([200, true]);
      expect(ms).toBeLessThan(FLIGHT_JOIN_MS + 400 + SLACK_MS);
    }
  });

  test("by a load of his own, a second later, where the other's hangs", async () => {
    const leader = ask("/hangs?hangs=1", { signal: AbortSignal.timeout(2_500) });
    await isUnderWay("/hangs");
    const all = await Promise.all(Array.from({ length: 5 }, () => ask("/hangs?hangs=1")));
    for (const { status, ms } of all) {
      expect(status).toBe(200);
      expect(ms).toBeGreaterThanOrEqual(FLIGHT_JOIN_MS - 50);
      expect(ms).toBeLessThan(FLIGHT_JOIN_MS + SLACK_MS);
    }
    await leader;
  });

  test("and is not, in any time, where nobody has a timer and nothing keeps the load alive", async () => {
    expect((await ask("/bare?ms=400&leave&unguarded")).status).toBe(200);
    await isUnderWay("/bare");
    const signal = AbortSignal.timeout(HUNG_AFTER_MS);
    const followers = await Promise.all(Array.from({ length: 3 }, () => ask("/bare?ms=400&unguarded", { signal })));
    for (const { status } of followers) expect(status).not.toBe(200);
    // A timer alone is enough for who has one, whatever became of the other.
    expect((await ask("/bare?ms=10")).status).toBe(200);
  });
});

test("two answers whose loads need each other do not wait for each other for ever", async () => {
  const both = await Promise.all([ask("/yin?needs=/yang"), ask("/yang?needs=/yin")]);
  for (const { status, body, ms } of both) {
    expect([status, /^\/y(in|ang) \d$/.test(body)]).toEqual([200, true]);
    expect(ms).toBeLessThan(2 * FLIGHT_JOIN_MS + SLACK_MS);
  }
});

describe("a load that fails", () => {
  test("is one error for all who waited and have nothing, and none for who comes next", async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => ask("/fails?ms=200&fails")));
    expect([new Set(all.map(({ status }) => status)), source.asked("/fails")]).toEqual([new Set([503]), 1]);
    expect(await ask("/fails")).toMatchObject({ status: 200, body: "/fails 2" });
  });

  test("leaves everybody with the old answer, where there is one", async () => {
    await ask("/old");
    await new Promise((resolve) => setTimeout(resolve, 600)); // its half second of freshness is over
    const all = await Promise.all(Array.from({ length: 10 }, () => ask("/old?ms=100&fails")));
    for (const told of all) expect(told).toMatchObject({ status: 200, body: "/old 1", as: "error" });
    expect(source.asked("/old")).toBe(2);
  });
});

describe("eight isolates in four colos that want one cold answer", () => {
  const everywhere = (path: string, bases: readonly string[]) =>
    Promise.all(bases.flatMap((base) => Array.from({ length: 5 }, () => ask(path, { base }))));

  test("load it at most once each, and once in the world where one can say that it did in time", async () => {
    const loads: number[] = [];
    for (let round = 0; round < 5; round++) {
      const all = await everywhere(`/world-${round}?world`, urls);
      for (const { status } of all) expect(status).toBe(200);
      loads.push(source.asked(`/world-${round}`));
    }
    console.log(`loads of a cold answer in the world, by round: ${loads.join(", ")}`);
    expect(Math.max(...loads)).toBeLessThanOrEqual(ISOLATES);
    expect(Math.min(...loads)).toBe(1);
  });

  test("load it at most once each where no object answers, and that is counted", async () => {
    const all = await everywhere("/lonely?world&ms=300", lonelyUrls);
    for (const { status } of all) expect(status).toBe(200);
    expect(source.asked("/lonely")).toBeLessThanOrEqual(ISOLATES);
    const counts = await Promise.all(
      lonelyUrls.map(async (url) => Number(await (await fetch(`${url}/leaseless`)).text())),
    );
    expect(Math.max(...counts)).toBeGreaterThan(0);
  });
});
