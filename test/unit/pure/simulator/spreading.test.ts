import { expect, test } from "vitest";
import { SECOND, SEED, settledWorld } from "./bed.ts";

const ISOLATES = 40;
const COLOS = 4;
const STEP_MS = 50;

test(`what ten isolates of all colos suffer stands in the others within 5 s on average (seed ${SEED})`, async () => {
  const world = await settledWorld({ isolates: ISOLATES, colos: COLOS, requestsPerSecond: 10 });
  const suffering = world.isolates.slice(0, 10);
  const others = world.isolates.slice(10);
  for (const isolate of suffering) isolate.isCutOff = true;
  const heardMs = new Map<number, number>();
  for (let passed = STEP_MS; passed <= 20 * SECOND && heardMs.size < others.length; passed += STEP_MS) {
    await world.run(STEP_MS);
    const now = world.scheduler.now();
    for (const [index, { state }] of others.entries()) {
      const { source, scope } = state.breakers.effective("node-2", now);
      const isHeard = scope === "world" && source !== "local-only" && !state.breakers.admits("node-2", now);
      if (isHeard && !heardMs.has(index)) heardMs.set(index, passed);
    }
  }
  const delays = [...heardMs.values()];
  expect(delays).toHaveLength(others.length);
  const meanMs = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  expect(meanMs, `worst ${Math.max(...delays)} ms`).toBeLessThanOrEqual(5 * SECOND);
  expect(meanMs, "a word that travels takes time").toBeGreaterThan(100);
});
