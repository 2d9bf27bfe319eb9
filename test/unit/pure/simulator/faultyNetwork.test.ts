import { expect, test } from "vitest";
import { MAX_LEASES } from "../../../../src/breaker/constants.ts";
import { EDGES } from "../../../../tools/simulator/network.ts";
import { MINUTE, SECOND, SEED, settledWorld, until } from "./bed.ts";

test.for([
  ["half of them twice", { duplicate: 0.5 }],
  ["late and out of order", { meanMs: 400 }],
  ["half of them twice, late and out of order, some lost", { duplicate: 0.5, meanMs: 300, drop: 0.1 }],
] as const)(`messages come %s: the verdicts are the same (seed ${SEED})`, async ([, edge]) => {
  const world = await settledWorld();
  for (const name of EDGES) world.network.set(name, edge);
  await world.run(2 * MINUTE);
  expect(world.verdicts()).toEqual(["closed", "closed", "closed"]);
  expect(world.counts().failed).toBe(0);
  world.database.set("down", ["node-2"]);
  await until(world, () => world.verdicts()[1] !== "closed", { withinMs: 90 * SECOND, what: "node-2 open" });
  await world.run(20 * SECOND);
  expect([world.verdicts()[0], world.verdicts()[2]]).toEqual(["closed", "closed"]);
  world.database.set("up");
  await until(world, () => world.verdicts()[1] === "closed", { withinMs: 30 * SECOND, what: "node-2 closed" });
  await world.run(MINUTE);
  expect(world.verdicts()).toEqual(["closed", "closed", "closed"]);
  expect(world.witness.mostLive, "live probes of one node").toBeLessThanOrEqual(MAX_LEASES);
  expect(world.witness.falls, "words with an earlier stamp").toBe(0);
});

test.for(["hang", "throw", "overloaded", "reset"] as const)(
  `all objects %s for a minute on a healthy database: no request fails (seed ${SEED})`,
  async (fault) => {
    const world = await settledWorld();
    for (let second = 0; second < 60; second++) {
      for (const object of world.all()) {
        if (fault === "reset") object.reset();
        else object.fault = fault;
      }
      await world.run(SECOND);
    }
    for (const object of world.all()) object.fault = "none";
    await world.run(90 * SECOND);
    expect(world.counts().failed).toBe(0);
    expect(world.sources()["local-only"]).toBeUndefined();
  },
);

test(`a Collector that hangs loses its isolates after three failures (seed ${SEED})`, async () => {
  const world = await settledWorld();
  const [dead] = world.collectors.values();
  if (!dead) throw new Error("no Collector");
  const status = (index: number) => world.isolates[index]?.exchange.status(world.scheduler.now());
  const homeless = new Set([...world.isolates.keys()].filter((index) => status(index)?.collector === dead.name));
  expect(homeless.size).toBeGreaterThan(0);
  dead.fault = "hang";
  const isHeardElsewhere = () => {
    for (const index of homeless) {
      const { collector, failures } = status(index) ?? {};
      if (collector !== dead.name && failures === 0) homeless.delete(index);
    }
    return homeless.size === 0;
  };
  await until(world, isHeardElsewhere, { withinMs: 3 * MINUTE, stepMs: SECOND, what: "every one was heard elsewhere" });
  expect(world.sources()["local-only"]).toBeUndefined();
  expect(world.counts().failed).toBe(0);
});
