import { describe, expect, test } from "vitest";
import type { SimulatedIsolate } from "../../../../tools/simulator/simulatedIsolate.ts";
import type { SimulatedWorld } from "../../../../tools/simulator/simulatedWorld.ts";
import { SECOND, SEED, settledWorld, until } from "./bed.ts";

const COLOS = 8;
const isAll = (world: SimulatedWorld, state: string) => world.verdicts().every((verdict) => verdict === state);
const failed = (isolates: readonly SimulatedIsolate[]) => isolates.reduce((sum, { counts }) => sum + counts.failed, 0);

/** Eighty isolates in eight colos, of which the ten of one lost their way to the nodes. */
async function worldWithBadColo(forgetful: boolean) {
  const world = await settledWorld({ isolates: 80, colos: COLOS, forgetful });
  const bad = world.isolates.filter((_, index) => index % COLOS === 0);
  const others = world.isolates.filter((_, index) => index % COLOS !== 0);
  for (const isolate of bad) isolate.isCutOff = true;
  return { world, bad, others };
}

describe.for([false, true])("objects forgetful: %s", (forgetful) => {
  test(`a colo without a way to the nodes opens them for itself alone (seed ${SEED})`, async () => {
    const { world, bad, others } = await worldWithBadColo(forgetful);
    for (let step = 0; step < 300; step++) {
      await world.run(SECOND / 10);
      expect(isAll(world, "closed"), "the world opened a node on one colo's word").toBe(true);
    }
    expect(failed(others)).toBe(0);
    const now = world.scheduler.now();
    const admitting = bad.filter(({ state }) => state.nodes.some(({ name }) => state.breakers.admits(name, now)));
    expect([bad.length, admitting.length], "each is protected by its own breakers").toEqual([10, 0]);
    for (const isolate of bad) isolate.isCutOff = false;
    await world.run(15 * SECOND);
    world.forgetCounts();
    await world.run(10 * SECOND);
    expect(failed(world.isolates), "it mends by itself").toBe(0);
  });
});

test(`an outage beside a bad colo opens as fast as any, and ends though its probes fail (seed ${SEED})`, async () => {
  const { world } = await worldWithBadColo(false);
  await world.run(20 * SECOND);
  world.database.set("down");
  await until(world, () => isAll(world, "open"), { withinMs: 5 * SECOND, what: "every node open" });
  await world.run(30 * SECOND);
  world.database.set("up");
  await until(world, () => isAll(world, "closed"), { withinMs: 15 * SECOND, what: "every node closed" });
});
