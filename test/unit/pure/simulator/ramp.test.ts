import { expect, test } from "vitest";
import type { SimulatedWorld } from "../../../../tools/simulator/simulatedWorld.ts";
import { SECOND, SEED, settledWorld, until } from "./bed.ts";

const NODE = 0;
const stateOf = (world: SimulatedWorld) => world.verdicts()[NODE];
const askedOf = (world: SimulatedWorld) => world.database.asked.get(world.database.nodes[NODE] ?? "") ?? 0;

/** A crowd before nodes that were dead for half a minute; now they stand up, and the first of them ramps up. */
async function ramping(isolates: number, requestsPerSecond: number, forgets = false): Promise<SimulatedWorld> {
  const world = await settledWorld({ isolates, requestsPerSecond }, 30 * SECOND);
  world.database.set("down");
  await world.run(30 * SECOND);
  if (forgets) for (const object of world.all()) object.forgetful = true;
  world.database.set("up");
  await until(world, () => stateOf(world) === "ramping", { withinMs: 10 * SECOND, stepMs: 10, what: "ramping" });
  return world;
}

test.for([
  ["forty isolates of 25 requests a second", 40, 25, false],
  ["forty whose objects forget them just then", 40, 25, true],
  ["one isolate of 400", 1, 400, false],
] as const)(
  `a node that comes back is asked no more than its ramp allows, by %s (seed ${SEED})`,
  async ([, isolates, rate, forgets]) => {
    const world = await ramping(isolates, rate, forgets);
    const seconds: number[] = [];
    while (stateOf(world) === "ramping" && seconds.length < 4) {
      const before = askedOf(world);
      await world.run(SECOND);
      seconds.push(askedOf(world) - before);
    }
    expect(stateOf(world)).toBe("closed");
    // Beyond the rate: probes and samples under way, and what is saved up. An isolate takes each step as much too early
    // as the calls took that brought it the news: up to 200 ms of the next. Objects that forgot remember half a crowd.
    const crowds = forgets ? 2 : 1;
    const [first = 0, second = 0, third = 0] = seconds;
    expect(first).toBeLessThanOrEqual(6 + crowds * (5 + 0.2 * 25));
    expect(second).toBeLessThanOrEqual(8 + crowds * (25 + 0.2 * 100));
    expect(third).toBeLessThanOrEqual(22 + crowds * 100);
    await world.run(15 * SECOND);
    world.forgetCounts();
    await world.run(10 * SECOND);
    expect(world.counts().failed).toBe(0);
  },
);

test(`a node that falls again on its ramp is open again after a few requests, for longer (seed ${SEED})`, async () => {
  const world = await ramping(40, 25);
  await world.run(500);
  world.database.set("down");
  const before = askedOf(world);
  const tookMs = await until(world, () => stateOf(world) === "open", {
    withinMs: 3 * SECOND,
    stepMs: 10,
    what: "open",
  });
  await world.run(SECOND);
  expect(tookMs).toBeLessThan(2_500);
  expect(askedOf(world) - before).toBeLessThan(130);
  const { phase } = world.breaker.peek().world.nodes()[NODE] ?? {};
  expect(phase && "opened" in phase && phase.opened).toBeGreaterThan(1);
});
