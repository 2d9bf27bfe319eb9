import { beforeAll, describe, expect, test } from "vitest";
import { catalogueOf } from "../../../../../bench/cache/catalogue.ts";
import { BEGINS_AT } from "../../../../../bench/cache/constants.ts";
import { Site } from "../../../../../bench/cache/site.ts";
import { settled, VirtualClock } from "../../../../../bench/cache/virtualClock.ts";
import { RAMP_RATES_PER_S } from "../../../../../src/breaker/constants.ts";
import { RECOVERY_MS, RECOVERY_REFRESHES_PER_S } from "../../../../../src/cache/constants.ts";
import { Random, zipf } from "../../../../../tools/seed/random.ts";

const SEED = Number(process.env.CACHE_SEED ?? 1);
const KEYS = 800;
const EVERY_MS = 2;

interface Loaded {
  readonly rank: number;
  readonly at: number;
}

/**
 * Isolates of four colos, all of whose copies expired in an outage, even those that may be given while they are loaded
 * anew; then the database is back. What was loaded when, from the moment of the return.
 */
async function outage(isolates: number) {
  const items = catalogueOf(SEED, KEYS);
  const clock = new VirtualClock(BEGINS_AT);
  const site = new Site({ items, clock, isolates, colos: 4, kvSeenAfterMs: 60_000 });
  const random = new Random(SEED);
  const draw = zipf(KEYS, 1);
  const loads: Loaded[] = [];
  const loadNow = site.loadNow.bind(site);
  site.loadNow = (rank) => {
    loads.push({ rank, at: clock.now() });
    return loadNow(rank);
  };
  const waited = { away: 0, back: 0 };
  const pass = async (ms: number, asks: (rank: number) => Promise<unknown>) => {
    for (const until = clock.now() + ms; clock.now() < until; ) {
      await clock.advanceTo(clock.now() + EVERY_MS);
      void asks(draw(random));
      await settled();
    }
  };
  const anybody = () => site.isolates[random.below(isolates)];
  // Everything lies in every colo.
  for (let rank = 0; rank < KEYS; rank++) for (let colo = 0; colo < 4; colo++) void site.isolates[colo]?.ask(rank);
  await clock.advanceTo(clock.now() + 1_000);
  await settled();
  site.backAt = Number.POSITIVE_INFINITY;
  await clock.advanceTo(clock.now() + 5_000_000); // beyond the longest of the windows in which anybody waits for nothing
  loads.length = 0;
  const asks = (when: "away" | "back") => async (rank: number) => {
    const served = await anybody()?.ask(rank);
    if (served?.as === "loaded") waited[when]++;
  };
  await pass(10_000, asks("away"));
  expect(loads).toEqual([]);
  const backAt = clock.now();
  site.backAt = backAt;
  await pass(RECOVERY_MS - 10, asks("back"));
  return { loads: loads.map(({ rank, at }) => ({ rank, at: at - backAt })), waited };
}

/** The most loads of any second. */
function peakOf(loads: readonly Loaded[]): number {
  return Math.max(...loads.map(({ at }) => loads.filter((other) => other.at >= at && other.at < at + 1_000).length));
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

// Whoever comes first would take a turn: then those of the one isolate are loaded after two seconds.
describe.each([
  [1, 1_300],
  [20, 2_600],
  [60, 3_500],
])(`when the database is back for %i isolates (seed ${SEED})`, (isolates, hottestWithinMs) => {
  let back: Awaited<ReturnType<typeof outage>>;
  beforeAll(async () => {
    back = await outage(isolates);
  }, 120_000);

  test("nobody waits for a load who has a copy, and it is asked no more than the last step of its ramp", () => {
    const peak = peakOf(back.loads);
    console.log(`${isolates} isolates: ${back.loads.length} loads, ${peak} in the busiest second`);
    expect(back.waited).toEqual({ away: 0, back: 0 });
    expect(peak).toBeLessThanOrEqual(RAMP_RATES_PER_S.at(-1) ?? 0);
    expect(back.loads.length / (RECOVERY_MS / 1_000)).toBeLessThanOrEqual(RECOVERY_REFRESHES_PER_S * 1.1);
    // Nor is it idle.
    expect(back.loads.length).toBeGreaterThan(KEYS / 3);
  });

  test("the hottest are loaded first", () => {
    const firsts = [...new Map(back.loads.toReversed().map(({ rank, at }) => [rank, at]))];
    const ofHottest = mean(firsts.filter(([rank]) => rank < 40).map(([, at]) => at));
    const ofOthers = mean(firsts.filter(([rank]) => rank >= 40).map(([, at]) => at));
    expect(firsts.filter(([rank]) => rank < 40)).toHaveLength(40);
    console.log(`the 40 hottest after ${ofHottest.toFixed()} ms, the others after ${ofOthers.toFixed()}`);
    expect(ofHottest).toBeLessThan(Math.min(hottestWithinMs, ofOthers / 2));
  });
});
