import { describe, expect, test } from "vitest";
import { MAX_LEASES } from "../../../../src/breaker/constants.ts";
import type { SimulatedWorld } from "../../../../tools/simulator/simulatedWorld.ts";
import { MINUTE, SECOND, SEED, settledWorld, until } from "./bed.ts";

const isAll = (world: SimulatedWorld, state: string) => world.verdicts().every((verdict) => verdict === state);

/** What must hold whatever happened. */
function expectSoundness(world: SimulatedWorld): void {
  expect(world.witness.mostLive, "live probes of one node").toBeLessThanOrEqual(MAX_LEASES);
  expect(world.witness.falls, "words of the owner with an earlier stamp").toBe(0);
  expect(
    world.isolates.reduce((sum, { epochFalls }) => sum + epochFalls, 0),
    "epochs that fell",
  ).toBe(0);
}

describe.for([false, true])("objects forgetful: %s", (forgetful) => {
  test.for([
    ["under load", 5],
    ["with a request a minute from each isolate", 1 / 60],
    ["without a single request", 0],
  ] as const)(
    `all nodes die: open within seconds; they return: closed in 15 s, %s (seed ${SEED})`,
    async ([, rate]) => {
      const world = await settledWorld({ forgetful });
      world.database.set("down");
      await until(world, () => isAll(world, "open"), { withinMs: 5 * SECOND, what: "every node open" });
      await world.run(5 * SECOND); // visitors are told
      world.setTraffic(rate);
      await world.run(MINUTE);
      expect(isAll(world, "closed")).toBe(false);
      world.database.set("up");
      await until(world, () => isAll(world, "closed"), { withinMs: 15 * SECOND, what: "every node closed" });
      expectSoundness(world);
      expect(world.witness.granted, "probes were leased").toBeGreaterThan(5);
      world.setTraffic(5);
      await world.run(30 * SECOND);
      world.forgetCounts();
      await world.run(30 * SECOND);
      expect(world.counts().failed).toBe(0);
    },
  );

  test(`a frozen replica is opened by slow answers, and reads go on (seed ${SEED})`, async () => {
    const world = await settledWorld({ forgetful, requestsPerSecond: 10 });
    world.database.set("frozen", ["node-2"]);
    const tookMs = await until(world, () => world.verdicts()[1] !== "closed", { withinMs: 30 * SECOND, what: "open" });
    await world.run(10 * SECOND);
    world.forgetCounts();
    await world.run(30 * SECOND);
    expect(world.counts().failed).toBe(0);
    expect(world.verdicts()[0]).toBe("closed");
    expect(tookMs).toBeLessThan(10 * SECOND);
    world.database.set("up");
    await until(world, () => isAll(world, "closed"), { withinMs: 15 * SECOND, what: "every node closed" });
    expectSoundness(world);
  });

  test(`one bad isolate out of many opens its nodes for itself alone (seed ${SEED})`, async () => {
    const world = await settledWorld({ forgetful });
    const [bad, ...others] = world.isolates;
    if (!bad) throw new Error("no isolates");
    bad.isCutOff = true;
    let everOpen = false;
    for (let second = 0; second < 120; second++) {
      await world.run(SECOND);
      everOpen ||= !isAll(world, "closed");
    }
    expect(everOpen, "the world opened a node on one isolate's word").toBe(false);
    expect(others.reduce((sum, { counts }) => sum + counts.failed, 0)).toBe(0);
    const now = world.scheduler.now();
    expect(bad.state.nodes.some(({ name }) => bad.state.breakers.admits(name, now))).toBe(false);
    expect(bad.counts.failed).toBeGreaterThan(100);
    bad.isCutOff = false;
    await world.run(15 * SECOND);
    bad.forgetCounts();
    await world.run(10 * SECOND);
    expect(bad.counts.failed, "it mends by itself").toBe(0);
  });
});

test(`an isolate that is alone opens a node by itself (seed ${SEED})`, async () => {
  const world = await settledWorld({ isolates: 1, colos: 1, regions: 1 });
  world.database.set("down", ["node-2"]);
  world.database.set("down", ["node-3"]);
  await until(
    world,
    () =>
      world
        .verdicts()
        .slice(1)
        .every((verdict) => verdict !== "closed"),
    {
      withinMs: 20 * SECOND,
      what: "both replicas open",
    },
  );
  expectSoundness(world);
});
