import { expect, test, vi } from "vitest";
import { CountedWorld } from "../../../../../bench/world/countedWorld.ts";
import { outage } from "../../../../../bench/world/outage.ts";
import { MAX_LEASES } from "../../../../../src/breaker/constants.ts";

vi.setConfig({ testTimeout: 60_000 });

const REQUESTS_PER_SECOND = 1_000;

test.for([1, 2])(
  "an outage of a counted world spreads at once, meets few probes and ends in time (seed %d)",
  async (seed) => {
    const world = new CountedWorld({
      isolates: 60,
      isolatesPerColo: 10,
      requestsPerSecond: REQUESTS_PER_SECOND,
      writes: 0,
      seed,
    });
    await world.run(60_000);
    const before = world.requests();
    expect(before.failed + before.refused).toBe(0);
    const died = await outage(world, () => {});
    expect(died.unheard).toBe(0);
    expect(died.propagationMeanS).toBeLessThan(5);
    expect(died.propagationWorstS).toBeGreaterThanOrEqual(died.propagationMeanS);
    expect(died.maxConcurrentProbes).toBeGreaterThan(0);
    expect(died.maxConcurrentProbes).toBeLessThanOrEqual(MAX_LEASES);
    expect(died.recoveryS).toBeGreaterThan(0);
    expect(died.recoveryS).toBeLessThan(15);
    expect(died.rejected).toBeGreaterThan(0);
    expect(died.rejectedShare).toBeLessThanOrEqual(1.1); // chance: how many requests came in that time
    expect(died.whileOpen.requestsPerSecond).toBeLessThan(REQUESTS_PER_SECOND / 20);
    expect(died.whileOpen.questionsPerSecond).toBeGreaterThan(0);
    const after = world.requests();
    await world.run(10_000);
    const { failed, refused, answered } = world.requests();
    expect(failed + refused, "refused after the end").toBe(after.failed + after.refused);
    expect((answered - after.answered) / 10 / REQUESTS_PER_SECOND).toBeCloseTo(1, 1);
  },
);
