import { expect, test } from "vitest";
import { InFlightLimit } from "../../../../../src/breaker/admission/inFlightLimit.ts";
import { Permits } from "../../../../../src/breaker/admission/permits.ts";

const NOW = 1_700_000_000_000;
const LIFE_MS = 4_000;

test("a permit that is given back twice counts once", () => {
  const permits = new Permits();
  const permit = permits.take(NOW);
  permits.giveBack(permit, NOW);
  permits.giveBack(permit, NOW);
  expect(permits.count(NOW)).toBe(0);
  permits.take(NOW);
  expect(permits.count(NOW)).toBe(1);
});

test("a permit of before the clock was set back is not another's that has its place", () => {
  const permits = new Permits();
  const permit = permits.take(NOW);
  permits.take(NOW - 900 * LIFE_MS);
  permits.giveBack(permit, NOW - 900 * LIFE_MS);
  expect(permits.count(NOW - 900 * LIFE_MS)).toBe(1);
});

test.for([
  ["less than a permit's life", LIFE_MS - 250, 1],
  ["a permit's life", LIFE_MS, 0],
] as const)("a clock that went back by %s leaves %2$d of one", ([, byMs, left]) => {
  const permits = new Permits();
  permits.take(NOW);
  expect(permits.count(NOW - byMs)).toBe(left);
});

test("what admission gives can be told from a refusal", () => {
  expect(new InFlightLimit().begin(NOW).kind).toBe("permit");
});
