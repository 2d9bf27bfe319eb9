import { expect, test } from "vitest";
import { AHEAD_SHARE } from "../../../../src/cache/constants.ts";
import { isNearEnd } from "../../../../src/cache/isNearEnd.ts";
import { entryOf, NOW } from "./entries.ts";

const LIFE_MS = 100_000;
const copy = (loadMs: number, status = 200) =>
  entryOf({ loadedAt: NOW, freshUntil: NOW + LIFE_MS, freshMs: LIFE_MS, loadMs, status });
const SCALE_MS = AHEAD_SHARE * LIFE_MS;

/** The chance that it falls so with this much left, of coins spread evenly. */
function chance(leftMs: number, loadMs = 10, status = 200): number {
  const coins = 10_000;
  const random = (at: number) => (at + 0.5) / coins;
  const near = Array.from({ length: coins }, (_, at) =>
    isNearEnd(copy(loadMs, status), NOW + LIFE_MS - leftMs, () => random(at)),
  );
  return near.filter(Boolean).length / coins;
}

test.each([
  ["surely at its end", 0, 10, 1],
  ["with e^-1 at its scale, a share of its life", SCALE_MS, 10, 0.3679],
  ["with e^-4 at four times that", 4 * SCALE_MS, 10, 0.0183],
  ["hardly ever at ten times", 10 * SCALE_MS, 10, 0],
  ["sooner, where its load takes longer than that", 4 * SCALE_MS, 4 * SCALE_MS, 0.3679],
] as const)("a copy is loaded anew ahead of its end %s", (_name, leftMs, loadMs, expected) => {
  expect(chance(leftMs, loadMs)).toBeCloseTo(expected, 3);
});

test("that there is no such thing is not", () => {
  expect(chance(0, 10, 404)).toBe(0);
});

test("far from its end no coin is tossed", () => {
  const tossed = () => {
    throw new Error("tossed");
  };
  expect(isNearEnd(copy(10), NOW, tossed)).toBe(false);
});
