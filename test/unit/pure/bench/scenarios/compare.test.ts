import { expect, test, vi } from "vitest";
import { type Compared, compare } from "../../../../../bench/scenarios/compare.ts";
import { SCENARIOS } from "../../../../../bench/scenarios/scenarios.ts";
import { MAX_LEASES } from "../../../../../src/breaker/constants.ts";

/** A hundred seconds of virtual time three times over, and more of the host's where it has other work. */
vi.setConfig({ testTimeout: 60_000 });

/** Small enough for a test, and as many of each colo as a quorum of it needs. */
const WORLD = { seed: 1, isolates: 32, colos: 4, requestsPerSecond: 6 } as const;

function played(name: string): Promise<Compared> {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  return compare(scenario, WORLD);
}

test.for([
  ["errors100", 1],
  ["slow", 2 * MAX_LEASES],
] as const)("%s: all open, ours soonest, and least of it reaches the node", async ([name, peersProbes]) => {
  const { ours, perIsolate, perIsolateRun } = await played(name);
  expect(ours.openedShare).toBe(1);
  expect(perIsolate.openedShare).toBe(1);
  expect(ours.openMeanS).toBeLessThan((perIsolate.openMeanS ?? 0) / 2);
  for (const other of [perIsolate, perIsolateRun]) {
    expect(ours.harmed).toBeLessThan(other.harmed);
    expect(ours.loadWhileDownPerS).toBeLessThan(other.loadWhileDownPerS ?? 0);
  }
  expect(ours.mostProbes).toBeLessThanOrEqual(MAX_LEASES);
  expect(perIsolate.mostProbes, "each breaker's own").toBeGreaterThan(peersProbes);
  expect(ours.recoverS).toBeLessThanOrEqual(15);
});

test.for<[name: string, harmedPerTheirs: number]>([
  ["flapping", 0.5],
  ["gradual", 0.8],
])("%s: ours harms fewer requests than a share does, with as few probes as ever", async ([name, harmedPerTheirs]) => {
  const { ours, perIsolate } = await played(name);
  expect(ours.harmed).toBeLessThan(perIsolate.harmed * harmedPerTheirs);
  expect(ours.loadWhileDownPerS).toBeLessThan(perIsolate.loadWhileDownPerS ?? 0);
  expect(ours.mostProbes).toBeLessThanOrEqual(MAX_LEASES);
  expect(ours.recoverS).toBeLessThanOrEqual(15);
});

test("errors20: one error of five opens hardly any breaker, and the world's none, nor one that goes by a share", async () => {
  const { ours, perIsolate } = await played("errors20");
  expect(ours.openedShare).toBeLessThan(0.1);
  expect(ours.wronglyRefusedShare).toBeLessThan(0.01);
  expect(perIsolate.openedShare).toBe(0);
  expect(perIsolate.wronglyRefusedShare).toBe(0);
});
