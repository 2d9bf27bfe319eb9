import { expect, test } from "vitest";
import { Laggards } from "../../../../src/database/laggards.ts";

const NOW = 1_700_000_000_000;

test("a replica lags for longer each time in a row, up to two seconds, until it had a write", () => {
  const laggards = new Laggards();
  let now = NOW;
  for (const forMs of [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]) {
    laggards.lacked("a", now);
    expect([laggards.has("a", now + forMs - 1), laggards.has("a", now + forMs)]).toEqual([true, false]);
    now += forMs;
  }
  laggards.had("a");
  expect(laggards.has("a", now)).toBe(false);
  laggards.lacked("a", now);
  expect([laggards.has("a", now + 49), laggards.has("a", now + 50), laggards.has("b", now)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("a clock that was set back by an hour makes nobody lag for an hour", () => {
  const laggards = new Laggards();
  laggards.lacked("a", NOW);
  expect(laggards.has("a", NOW - 3_600_000)).toBe(false);
});
