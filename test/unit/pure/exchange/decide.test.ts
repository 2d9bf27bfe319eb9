import fc from "fast-check";
import { expect, test } from "vitest";
import { IN_FLIGHT_MS, MAX_GAP_MS, URGENT_GAP_MS } from "../../../../src/exchange/constants.ts";
import { type Decision, decide, type Pace } from "../../../../src/exchange/decide.ts";
import { QUOTA_PAUSE_MS } from "../../../../src/rpc/constants.ts";

const NOW = 1_000_000;
const HOUR_MS = 3_600_000;
const CALM: Pace = {
  startedAt: undefined,
  lastAt: NOW,
  lastTookMs: 0,
  gapMs: 5_000,
  failures: 0,
  quotaUntil: 0,
  urgentAt: undefined,
  isEmpty: false,
  refreshAfter: 0,
};
const ago = (ms: number) => NOW - ms;
const inMs = (ms: number) => NOW + ms;

test.for<[string, Partial<Pace>, number | "exchange"]>([
  // what the row says, pace, how long to wait
  ["the first time", { lastAt: Number.NEGATIVE_INFINITY }, "exchange"],
  ["calm, just after an answer", {}, 5_000],
  ["calm, the pace not over", { lastAt: ago(4_999) }, 1],
  ["calm, the pace over", { lastAt: ago(5_000) }, "exchange"],
  ["calm, at the pace of an incident", { lastAt: ago(2_000), gapMs: 2_000 }, "exchange"],
  ["one failure", { lastAt: ago(5_000), failures: 1 }, 5_000],
  ["two failures", { lastAt: ago(5_000), failures: 2 }, 15_000],
  ["many failures", { lastAt: ago(5_000), failures: 40 }, MAX_GAP_MS - 5_000],
  ["a failure at a pace slower than the maximum", { gapMs: 90_000, failures: 1 }, 90_000],
  ["urgent, long after the last", { lastAt: ago(1_000), urgentAt: NOW }, "exchange"],
  ["urgent, right after the last", { lastAt: ago(100), urgentAt: NOW }, URGENT_GAP_MS - 100],
  [
    "urgent, right after one that took a while",
    { lastAt: ago(10), lastTookMs: 200, urgentAt: NOW },
    URGENT_GAP_MS - 210,
  ],
  ["urgent, right after one that was held", { lastAt: NOW, lastTookMs: URGENT_GAP_MS, urgentAt: NOW }, "exchange"],
  ["urgent, after one that was held and failed", { lastAt: NOW, lastTookMs: 2_000, urgentAt: NOW, failures: 1 }, 500],
  ["urgent in a while", { lastAt: ago(1_000), urgentAt: inMs(700) }, 700],
  ["urgent later than calm", { lastAt: ago(4_900), urgentAt: inMs(700) }, 100],
  ["urgent, after a failure", { lastAt: ago(400), urgentAt: NOW, failures: 1 }, 2 * URGENT_GAP_MS - 400],
  ["urgent, after many failures", { lastAt: NOW, urgentAt: NOW, failures: 40, gapMs: MAX_GAP_MS }, MAX_GAP_MS],
  ["nothing to tell, and the pace over", { lastAt: ago(5_000), isEmpty: true }, "exchange"],
  [
    "nothing to tell, and a neighbour's copy is fresh",
    { lastAt: ago(5_000), isEmpty: true, refreshAfter: inMs(900) },
    900,
  ],
  ["something to tell, and a neighbour's copy is fresh", { lastAt: ago(5_000), refreshAfter: inMs(900) }, "exchange"],
  [
    "nothing to tell but urgent, and a copy is fresh",
    { lastAt: ago(500), isEmpty: true, urgentAt: NOW, refreshAfter: inMs(900) },
    "exchange",
  ],
  ["one is under way", { startedAt: ago(10), lastAt: ago(60_000), urgentAt: NOW }, IN_FLIGHT_MS - 10],
  [
    "one is under way for so long that its request died",
    { startedAt: ago(IN_FLIGHT_MS), lastAt: ago(60_000) },
    "exchange",
  ],
  ["quota", { quotaUntil: inMs(77), lastAt: ago(60_000), urgentAt: NOW }, 77],
  ["quota is over", { quotaUntil: NOW, lastAt: ago(60_000) }, "exchange"],
  // a clock that was put back by an hour
  ["the last one lies ahead", { lastAt: inMs(HOUR_MS) }, "exchange"],
  ["one is under way from the future", { startedAt: inMs(HOUR_MS), lastAt: ago(60_000) }, "exchange"],
  ["quota was spent in the future", { quotaUntil: inMs(QUOTA_PAUSE_MS + HOUR_MS), lastAt: ago(60_000) }, "exchange"],
  [
    "a neighbour's copy is fresh for an hour",
    { lastAt: ago(60_000), isEmpty: true, refreshAfter: inMs(HOUR_MS) },
    "exchange",
  ],
])("%s: %o", ([, pace, expected]) => {
  const decision: Decision = expected === "exchange" ? { act: "exchange" } : { act: "wait", ms: expected };
  expect(decide({ ...CALM, ...pace }, NOW)).toEqual(decision);
});

const paces: fc.Arbitrary<Pace> = fc.record({
  startedAt: fc.option(fc.integer({ min: ago(6_000), max: inMs(200) }), { nil: undefined }),
  lastAt: fc.integer({ min: ago(70_000), max: inMs(200) }),
  lastTookMs: fc.oneof(fc.constant(0), fc.nat(2_000)),
  gapMs: fc.integer({ min: 1_000, max: MAX_GAP_MS }),
  failures: fc.nat(30),
  quotaUntil: fc.constantFrom(0, inMs(1), inMs(500_000)),
  urgentAt: fc.option(fc.integer({ min: ago(5_000), max: inMs(5_000) }), { nil: undefined }),
  isEmpty: fc.boolean(),
  refreshAfter: fc.integer({ min: ago(5_000), max: inMs(5_000) }),
});

test("two exchanges are never under way, nor any while the allowance is spent", () => {
  fc.assert(
    fc.property(paces, (pace) => {
      const isUnderWay = pace.startedAt !== undefined && NOW - pace.startedAt < IN_FLIGHT_MS;
      if (isUnderWay || pace.quotaUntil > NOW) expect(decide(pace, NOW).act).toBe("wait");
    }),
    { numRuns: 1_000 },
  );
});

test("exchanges are never closer than what urgent news are owed, nor calm ones than the pace asked for", () => {
  fc.assert(
    fc.property(paces, (pace) => {
      if (decide(pace, NOW).act === "wait") return;
      const lastBeganAt = pace.lastAt - (pace.failures === 0 ? pace.lastTookMs : 0);
      expect(NOW - lastBeganAt).toBeGreaterThanOrEqual(URGENT_GAP_MS);
      if (pace.urgentAt === undefined) expect(NOW - pace.lastAt).toBeGreaterThanOrEqual(pace.gapMs);
    }),
    { numRuns: 1_000 },
  );
});

test("whoever waits as long as told, and no shorter, is told otherwise; and no wait is longer than a spent allowance", () => {
  fc.assert(
    fc.property(paces, (pace) => {
      const decision = decide(pace, NOW);
      if (decision.act === "exchange") return;
      expect(decision.ms).toBeGreaterThan(0);
      expect(decision.ms).toBeLessThanOrEqual(QUOTA_PAUSE_MS);
      expect(decide(pace, NOW + decision.ms - 1).act).toBe("wait");
      const next = decide(pace, NOW + decision.ms);
      // What ended may have been the one thing that held it up: in flight, or quota.
      if (next.act === "wait") expect(pace.startedAt !== undefined || pace.quotaUntil > NOW).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("a failure more never makes it sooner, nor something to tell later", () => {
  const waitMs = (pace: Pace) => {
    const decision = decide(pace, NOW);
    return decision.act === "exchange" ? 0 : decision.ms;
  };
  fc.assert(
    fc.property(paces, (pace) => {
      expect(waitMs({ ...pace, failures: pace.failures + 1 })).toBeGreaterThanOrEqual(waitMs(pace));
      expect(waitMs({ ...pace, isEmpty: false })).toBeLessThanOrEqual(waitMs({ ...pace, isEmpty: true }));
    }),
    { numRuns: 1_000 },
  );
});
