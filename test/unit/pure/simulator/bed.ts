import { vi } from "vitest";
import { SimulatedWorld, type WorldOptions } from "../../../../tools/simulator/simulatedWorld.ts";

/** Minutes of virtual time take seconds, and more of them where the machine has other work. */
vi.setConfig({ testTimeout: 60_000 });

/** Another history of the same scenarios: `SIMULATOR_SEED=7 vitest run …`. It stands in the names of the tests. */
export const SEED = Number(process.env.SIMULATOR_SEED ?? 1);

export const SECOND = 1_000;
export const MINUTE = 60_000;

/** A world that has found its pace: its nodes are known to be well, and all isolates heard so. */
export async function settledWorld(
  options: Partial<WorldOptions> = {},
  settleMs = 90 * SECOND,
): Promise<SimulatedWorld> {
  const world = new SimulatedWorld({
    seed: SEED,
    isolates: 16,
    colos: 4,
    regions: 2,
    requestsPerSecond: 5,
    ...options,
  });
  await world.run(settleMs);
  world.forgetCounts();
  return world;
}

/** Lets time pass until it is so; returns how long that took, or fails after `withinMs`. */
export async function until(
  world: SimulatedWorld,
  isSo: () => boolean,
  { withinMs, stepMs = 100, what }: { withinMs: number; stepMs?: number; what: string },
): Promise<number> {
  for (let tookMs = 0; tookMs <= withinMs; tookMs += stepMs) {
    if (isSo()) return tookMs;
    await world.run(stepMs);
  }
  throw new Error(`not within ${withinMs} ms: ${what}`);
}

/** How old the breaker's word is in each isolate, by the isolate's own account. */
export function wordAges(world: SimulatedWorld): number[] {
  const node = world.database.nodes[0] ?? "";
  return world.isolates.map(
    ({ state }) => state.view.word(node, world.scheduler.now())?.ageMs ?? Number.POSITIVE_INFINITY,
  );
}
