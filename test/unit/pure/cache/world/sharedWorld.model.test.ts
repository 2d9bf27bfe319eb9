import { expect, test } from "vitest";
import { Random } from "../../../../../tools/seed/random.ts";
import { SharedWorld } from "./sharedWorld.ts";

/** Other histories: `CACHE_SEED=7 vitest run …`; a failure names its own. */
const SEED = Number(process.env.CACHE_SEED ?? 1);
const SEQUENCES = 10_000;
const STEPS = 40;

const PASSES = [0, 10, 400, 3_000, 12_000, 45_000, 130_000, 700_000] as const;
const FAULTS = ["throwing", "unreadable", "swallowing", "stale", null] as const;

/** Something happens. */
function step(world: SharedWorld): Promise<void> | void {
  const { random, isolates, bumps } = world;
  const at = random.below(isolates.length);
  const isolate = isolates[at];
  if (!isolate) return;
  const session = random.next() < 0.3 ? random.below(2) : undefined;
  const bucket = 1 + random.below(3);
  const chance = random.below(100);
  if (chance < 42) return world.request(isolate, world.route(), session);
  if (chance < 64) return world.time.pass(random.pick([...PASSES]) + random.below(20));
  if (chance < 74) return isolate.exchange();
  if (chance < 82) return world.write(isolate, bucket, session);
  if (chance < 85) return bumps.tell(bumps.write(bucket, world.makes())); // another service's, found by a sample
  if (chance < 87) return bumps.lag(random.pick([1, 2]), random.below(30_000));
  if (chance < 90) return bumps.turn(!bumps.isDown);
  if (chance < 95) return world.order(isolate, random.pick(["copies", "kv"]), random.pick([...FAULTS]));
  if (chance < 97) return world.restart(at);
  if (chance < 99) return world.purge(bucket);
  return bumps.reincarnate();
}

async function play(seed: number): Promise<SharedWorld> {
  const world = new SharedWorld(seed);
  for (const isolate of world.isolates) if (world.random.next() < 0.8) isolate.exchange();
  for (let steps = 0; steps < STEPS; steps++) {
    await step(world);
    await world.time.settle();
    world.check();
  }
  await world.time.pass(30_000); // whoever still waits
  world.check();
  return world;
}

test(`in ${SEQUENCES} histories (seed ${SEED}) nothing is served that may not be`, { timeout: 120_000 }, async () => {
  const seeds = new Random(SEED);
  const totals = { fresh: 0, stale: 0, error: 0, loaded: 0, refused: 0, asked: 0, gone: 0 };
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const seed = seeds.uint32();
    const { counts } = await play(seed).catch((error: unknown) => {
      throw new Error(`history ${seed} (of seed ${SEED}): ${error instanceof Error ? error.message : error}`);
    });
    for (const kind of Object.keys(totals) as (keyof typeof totals)[]) totals[kind] += counts[kind];
  }
  const { asked, gone, ...answered } = totals;
  expect(Object.values(answered).reduce((a, b) => a + b)).toBe(asked);
  // It saw all there is to see: else it would prove little.
  for (const [kind, times] of Object.entries({ ...answered, gone }))
    expect(times, kind).toBeGreaterThan(SEQUENCES / 50);
});
