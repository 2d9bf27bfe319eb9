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

/** What the bench reads off: invocations a second of the Collectors and of each owner. */
function loads({ tally }: SimulatedObjects, seconds: number): Record<string, number> {
  const load = (name: string) => tally.calls(name) / seconds;
  return { collector: load("collector"), breaker: load("breaker"), replicas: load("replicas"), cache: load("cache") };
}

/** The bench counts isolates by their exchanges; here each request of theirs is served beside it. Calm, then all nodes dead. */
async function measured(world: SimulatedObjects, down: () => void, forget: () => void) {
  await world.scheduler.run(120 * SECOND);
  forget();
  await world.scheduler.run(180 * SECOND);
  const calm = loads(world, 180);
  down();
  await world.scheduler.run(10 * SECOND);
  forget();
  await world.scheduler.run(120 * SECOND);
  return { calm, incident: loads(world, 120) };
}

test.for([
  [20, 0],
  [5, 0],
  [20, 0.01],
] as const)(
  "%d requests a second of each isolate, %d of them writes: counted as often as served",
  async ([rate, writes]) => {
    const base = { seed: SEED, isolates: ISOLATES, writes };
    const simulated = new SimulatedWorld({ ...base, colos: COLOS, regions: REGIONS.length, requestsPerSecond: rate });
    const served = await measured(
      simulated,
      () => simulated.database.set("down"),
      () => simulated.forgetCounts(),
    );
    const options = {
      ...base,
      isolatesPerColo: ISOLATES / COLOS,
      regions: REGIONS,
      requestsPerSecond: rate * ISOLATES,
    };
    const counting = new CountedWorld(options);
    const counted = await measured(
      counting,
      () => counting.setDatabase("down"),
      () => counting.forget(),
    );
    for (const moment of ["calm", "incident"] as const) {
      for (const [name, load] of Object.entries(served[moment])) {
        const ratio = (counted[moment][name] ?? 0) / load;
        // A tenth, and what so few calls vary by chance. In an incident all come back each two seconds, more or less in
        // step: how often an owner is asked within a step is drawn once, at its beginning, in each world.
        const chance = 1 / Math.sqrt(load * (moment === "calm" ? 180 : 120));
        const slack = moment === "incident" && name !== "collector" ? 0.3 : 0.1 + chance;
        expect(Math.abs(ratio - 1), `${moment} ${name}: ${load} served, ${counted[moment][name]} counted`).toBeLessThan(
          slack,
        );
      }
    }
  },
);
