import { expect, test } from "vitest";
import { AFTER_S, CALM_S, SAMPLING, WAITS_MS } from "../../../../../bench/scenarios/constants.ts";
import { perIsolate } from "../../../../../bench/scenarios/perIsolate.ts";
import { play } from "../../../../../bench/scenarios/play.ts";
import type { Scenario } from "../../../../../bench/scenarios/scenarios.ts";
import { traceOf } from "../../../../../bench/scenarios/trace.ts";
import { OPEN_JITTER } from "../../../../../src/breaker/constants.ts";

const LASTS_S = 20;
const SECONDS = CALM_S + LASTS_S + AFTER_S;
const TRACE = traceOf({ seed: 3, isolates: 1, requestsPerSecond: 10, seconds: SECONDS });

function errors(share: number): Scenario {
  return {
    name: "errors",
    what: "some fail",
    lastsS: LASTS_S,
    errorShare: () => share,
    slowShare: () => 0,
    isDown: () => share === 1,
    shouldOpen: share > SAMPLING.threshold,
  };
}

function playedAlone(share: number, rule: "sampling" | "run") {
  return play(errors(share), TRACE, perIsolate({ seed: 1, isolates: 1, colos: 1 }, rule), SECONDS);
}

test("cockatiel lives in virtual time: half of its window must have failed, then it waits as long as it was told", async () => {
  const before = Date.now();
  const { requests, openedS } = await playedAlone(1, "sampling");
  const openedAt = openedS[0] ?? Number.NaN;
  expect(openedAt).toBeGreaterThan(SAMPLING.duration / 2_000 - 2);
  expect(openedAt).toBeLessThan(SAMPLING.duration / 2_000 + 2);
  const sent = requests.filter(({ atS, end }) => end === "failed" && atS > openedAt).map(({ atS }) => atS);
  const firstWaitS = (sent[0] ?? Number.NaN) - openedAt;
  const [wait] = WAITS_MS;
  expect(firstWaitS).toBeGreaterThan((wait / 1_000) * (1 - OPEN_JITTER) - 0.1);
  expect(firstWaitS).toBeLessThan((wait / 1_000) * (1 + OPEN_JITTER) + 1);
  expect(Math.abs(Date.now() - before), "the host's clock is back").toBeLessThan(60_000);
});

test.for([
  ["sampling", 0.3, false],
  ["sampling", 0.8, true],
  ["run", 1, true],
] as const)("cockatiel's %s breaker, a share of %d fails: open is %s", async ([rule, share, isOpen]) => {
  const { openedS } = await playedAlone(share, rule);
  expect(openedS[0] !== undefined).toBe(isOpen);
});

test("what is refused was not sent, and what the node would have answered is known", async () => {
  const { requests, reachedS } = await playedAlone(1, "run");
  const sent = requests.filter(({ end }) => end !== "refused");
  expect(reachedS).toHaveLength(sent.length);
  for (const { atS, isAnswerable } of requests) expect(isAnswerable).toBe(atS < 0 || atS >= LASTS_S);
});
