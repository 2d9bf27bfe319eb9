import { expect, test } from "vitest";
import { SimulatedWorld } from "../../../../tools/simulator/simulatedWorld.ts";
import { MINUTE, SECOND, SEED } from "./bed.ts";

async function history(seed: number): Promise<string> {
  const world = new SimulatedWorld({ seed, isolates: 12, colos: 3, regions: 2, requestsPerSecond: 5, writes: 0.05 });
  world.network.set("isolate-collector", { duplicate: 0.2, drop: 0.05 });
  const lines: string[] = [];
  for (let step = 0; step < 12; step++) {
    world.database.set(step % 4 === 3 ? "down" : "up");
    if (step % 5 === 4) for (const object of world.all()) object.reset();
    await world.run(10 * SECOND);
    const calls = world.tally.names().map((name) => `${name} ${world.tally.calls(name)} ${world.tally.rows(name)}`);
    lines.push(`${world.scheduler.events} ${JSON.stringify(world.counts())} ${world.verdicts()} ${calls}`);
  }
  return lines.join("\n");
}

test(`one seed gives one history, to the event (seed ${SEED})`, async () => {
  expect(await history(SEED)).toBe(await history(SEED));
  expect(await history(SEED)).not.toBe(await history(SEED + 1));
});

test(`all parts take part: neighbours' copies, Collectors of both regions, owners (seed ${SEED})`, async () => {
  const world = new SimulatedWorld({ seed: SEED, isolates: 12, colos: 3, regions: 2, requestsPerSecond: 5 });
  let cached = 0;
  for (let step = 0; step < 60; step++) {
    await world.run(SECOND);
    cached += world.sources().cached ?? 0;
  }
  expect(cached, "words heard by way of a neighbour").toBeGreaterThan(0);
  expect(world.isolates.map(({ exchange }) => exchange.coloCopyTrouble)).toEqual(Array(12).fill(undefined));
  expect(world.tally.names().sort()).toEqual(["breaker", "cache", "collector:enam:0", "collector:weur:0", "replicas"]);
  expect(world.scheduler.now() % MINUTE).toBe(0);
});
