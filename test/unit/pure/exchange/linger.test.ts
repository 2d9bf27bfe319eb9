import { expect, test } from "vitest";
import { LINGER_MAX_MS } from "../../../../src/exchange/constants.ts";
import { Linger } from "../../../../src/exchange/linger.ts";

const NOW = 1_000_000;
const never = () => new Promise<void>(() => undefined);

test.for<[string, number, number, boolean]>([
  // what the row says, for how long, since when, whether to stay
  ["a short while", 100, NOW, true],
  ["as long as an event may live", LINGER_MAX_MS, NOW, true],
  ["longer than that", LINGER_MAX_MS + 1, NOW, false],
  ["a short while, by an event that began long ago", 100, NOW - LINGER_MAX_MS, false],
  ["a short while, by an event from before the clock was put back", 100, NOW + 3_600_000, false],
])("%s: %d ms", ([, ms, since, isWanted]) => {
  expect(new Linger().isWanted(ms, NOW, since)).toBe(isWanted);
});

test("nobody stays where somebody does, unless for something sooner", () => {
  const linger = new Linger();
  void linger.stay(5_000, NOW, never);
  expect(linger.isWanted(5_000, NOW, NOW)).toBe(false);
  expect(linger.isWanted(4_999, NOW, NOW)).toBe(false); // not sooner by more than clocks are exact
  expect(linger.isWanted(4_000, NOW, NOW)).toBe(true);
  expect(linger.isWanted(4_000, NOW + 2_000, NOW + 2_000)).toBe(false);
});

test("whoever stayed and died keeps nobody away past its time, nor a clock that was put back", () => {
  const linger = new Linger();
  void linger.stay(5_000, NOW, never);
  expect(linger.isWanted(5_000, NOW + 5_000, NOW + 5_000)).toBe(true);
  expect(linger.isWanted(5_000, NOW - 3_600_000, NOW - 3_600_000)).toBe(true);
});

test("whoever stayed may stay again, though the timer fired a little early", async () => {
  const linger = new Linger();
  await linger.stay(5_000, NOW, async () => undefined);
  expect(linger.isWanted(1, NOW + 4_999, NOW)).toBe(true);
});
