import { expect, test } from "vitest";
import { CountedWorld } from "../../../../bench/world/countedWorld.ts";
import type { SimulatedObjects } from "../../../../tools/simulator/simulatedObjects.ts";
import { SimulatedWorld } from "../../../../tools/simulator/simulatedWorld.ts";
import { SECOND, SEED } from "./bed.ts";

const ISOLATES = 28;
const COLOS = 4;
const REGIONS = [
  ["enam", 0.5],
  ["weur", 0.5],
] as const;

/** An outage brings isolates into step, more or less by chance, for a minute: one alone says little of the next. */
const OUTAGES = 4;

/** What the bench reads off: invocations of the Collectors and of each owner. */
const NAMES = ["collector", "breaker", "replicas", "cache"] as const;
type Calls = readonly number[];

/** The bench counts isolates by their exchanges; beside it each request of theirs is served. */
function worlds(seed: number, rate: number, writes = 0) {
  const base = { seed, isolates: ISOLATES, writes };
  const served = new SimulatedWorld({ ...base, colos: COLOS, regions: REGIONS.length, requestsPerSecond: rate });
  const isolatesPerColo = ISOLATES / COLOS;
  const counted = new CountedWorld({ ...base, isolatesPerColo, regions: REGIONS, requestsPerSecond: rate * ISOLATES });
  return { served, counted };
}

async function callsIn({ scheduler, tally }: SimulatedObjects, seconds: number): Promise<Calls> {
  tally.clear();
  await scheduler.run(seconds * SECOND);
  return NAMES.map((name) => tally.calls(name));
}

/**
 * But for 8 %, and what two counts of so many calls differ by through chance (their standard deviation, were calls
 * independent). In an outage that is 14 % at most, where the ratios of 14 seeds deviated by less than 4 %.
 */
function expectAlike(served: Calls, counted: Calls): void {
  for (const [index, name] of NAMES.entries()) {
    const [calls = 0, others = 0] = [served[index], counted[index]];
    const slack = 0.08 + Math.sqrt(2 / calls);
    expect(Math.abs(others / calls - 1), `${name}: ${calls} served, ${others} counted`).toBeLessThan(slack);
  }
}

test.for([
  [10, 0, 160],
  [5, 0, 720],
  [5, 0.02, 200],
] as const)(
  "%d requests a second of each isolate, %d of them writes, %d calm seconds: counted as often as served",
  async ([rate, writes, seconds]) => {
    const { served, counted } = worlds(SEED, rate, writes);
    for (const world of [served, counted]) await callsIn(world, 120);
    expectAlike(await callsIn(served, seconds), await callsIn(counted, seconds));
  },
);

test.for([10, 5])(
  "%d requests a second of each isolate, outages from their first failure on: counted as often as served",
  async (rate) => {
    const sums = { served: NAMES.map(() => 0), counted: NAMES.map(() => 0) };
    for (let outage = 0; outage < OUTAGES; outage++) {
      const { served, counted } = worlds(SEED * OUTAGES + outage, rate);
      for (const world of [served, counted]) await callsIn(world, 60);
      served.database.set("down");
      counted.setDatabase("down");
      sums.served = added(sums.served, await callsIn(served, 100));
      sums.counted = added(sums.counted, await callsIn(counted, 100));
    }
    expectAlike(sums.served, sums.counted);
  },
);

function added(some: Calls, more: Calls): number[] {
  return some.map((calls, index) => calls + (more[index] ?? 0));
}
