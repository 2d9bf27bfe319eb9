import { expect, test } from "vitest";
import { Totals } from "../../../../src/telemetry/totals.ts";
import { EDGES } from "../../../../tools/simulator/network.ts";
import type { SimulatedWorld } from "../../../../tools/simulator/simulatedWorld.ts";
import { MINUTE, SECOND, SEED, settledWorld } from "./bed.ts";

/** What a scrape of all Collectors would show, summed. */
function countedRequests(world: SimulatedWorld): number {
  const totals = new Totals();
  for (const collector of world.collectors.values()) totals.add(collector.peek().totals());
  const family = totals.data().counters.find(({ metric }) => metric === "breakwater_http_requests_total");
  return (family?.series ?? []).reduce((sum, [, count]) => sum + count, 0);
}

/** Traffic ends, and every isolate tells what it has left. */
async function drain(world: SimulatedWorld): Promise<void> {
  world.setTraffic(0);
  await world.run(5 * SECOND); // requests under way end
  for (const isolate of world.isolates) world.scheduler.background(isolate.drain());
  await world.run(2 * MINUTE);
}

test.for<[string, (world: SimulatedWorld) => Promise<void>]>([
  [
    "half of all messages come twice, late and out of order, some are lost",
    async (world) => {
      for (const edge of EDGES) world.network.set(edge, { duplicate: 0.5, meanMs: 300, drop: 0.1 });
      await world.run(2 * MINUTE);
      for (const edge of EDGES) world.network.mend(edge);
    },
  ],
  [
    "all objects are reset every two seconds",
    async (world) => {
      for (let round = 0; round < 60; round++) {
        await world.run(2_100);
        for (const object of world.all()) object.reset();
      }
    },
  ],
  [
    "all objects hang for a minute",
    async (world) => {
      for (const object of world.all()) object.fault = "hang";
      await world.run(MINUTE);
      for (const object of world.all()) object.fault = "none";
    },
  ],
])(`every request is counted once although %s (seed ${SEED})`, async ([, trouble]) => {
  const world = await settledWorld();
  await trouble(world);
  await world.run(90 * SECOND);
  await drain(world);
  const sent = world.isolates.reduce((sum, { requestsEver }) => sum + requestsEver, 0);
  expect(countedRequests(world)).toBe(sent);
});
