import { expect, test } from "vitest";
import { SlowLoads } from "../../../../../src/cache/warm/slowLoads.ts";

test.each([
  ["none yet", [], false],
  ["too few", [5_000, 5_000, 5_000, 5_000], false],
  ["five in a row", [20, 451, 451, 451, 451, 451], true],
  ["one of five as always", [5_000, 5_000, 20, 5_000, 5_000], false],
  ["over again", [5_000, 5_000, 5_000, 5_000, 5_000, 20], false],
  ["at the limit", [450, 450, 450, 450, 450], false],
] as const)("a run's loads are slow as a rule: %s", (_name, took, expected) => {
  const loads = new SlowLoads();
  for (const ms of took) loads.took(ms);
  expect(loads.areSlow).toBe(expected);
});
