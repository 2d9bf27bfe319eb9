import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_IN_FLIGHT, MIN_IN_FLIGHT, PERMIT_MS } from "../../../../../src/breaker/admission/constants.ts";
import { type AttemptBurden, InFlightLimit } from "../../../../../src/breaker/admission/inFlightLimit.ts";

const NOW = 1_700_000_000_000;

/** So many at once, which all end in the same way. */
function together(limit: InFlightLimit, count: number, burden: AttemptBurden, now = NOW): void {
  const permits = Array.from({ length: count }, () => limit.begin(now));
  for (const permit of permits) limit.end(permit, burden, now);
}

test.for<[string, { initial: number; min: number; max: number }, number, AttemptBurden, number]>([
  // What Netflix's AIMD tests say, and the edges of both rules.
  ["a drop takes a tenth", { initial: 30, min: 20, max: 200 }, 1, "dropped", 27],
  ["a success at the top changes nothing", { initial: 21, min: 20, max: 21 }, 1, "good", 21],
  ["a drop at the floor changes nothing", { initial: 20, min: 20, max: 200 }, 1, "dropped", 20],
  ["a drop near the floor stops there", { initial: 21, min: 20, max: 200 }, 1, "dropped", 20],
  ["a success of a quiet node proves nothing", { initial: 30, min: 20, max: 200 }, 14, "good", 30],
  ["it grows where half of it is used", { initial: 30, min: 20, max: 200 }, 15, "good", 31],
  ["less than half of an odd one is not half", { initial: 31, min: 20, max: 200 }, 15, "good", 31],
  ["what is neutral changes nothing, however many", { initial: 30, min: 20, max: 200 }, 30, "neutral", 30],
])("%s", ([, bounds, count, burden, expected]) => {
  const limit = new InFlightLimit(bounds);
  together(limit, count, burden);
  expect([limit.limit, limit.inFlight(NOW)]).toEqual([expected, 0]);
});

test("a fresh isolate begins at the top, and 21 drops bring it to the floor", () => {
  const limit = new InFlightLimit();
  expect(limit.limit).toBe(MAX_IN_FLIGHT);
  for (let index = 0; index < 20; index++) together(limit, 1, "dropped");
  expect(limit.limit).toBeGreaterThan(MIN_IN_FLIGHT);
  together(limit, 1, "dropped");
  expect(limit.limit).toBe(MIN_IN_FLIGHT);
});

test("time-outs that always take the same time end at the floor, not at the top", () => {
  const limit = new InFlightLimit();
  for (let round = 0; round < 100; round++) together(limit, limit.limit, "dropped", NOW + round * 900);
  expect(limit.limit).toBe(MIN_IN_FLIGHT);
});

test("under a modest overload it stays bounded, and comes back up when that is over", () => {
  const limit = new InFlightLimit();
  for (let round = 0; round < 1_000; round++) together(limit, limit.limit, round % 5 === 0 ? "dropped" : "good");
  expect(limit.limit).toBeLessThanOrEqual(MAX_IN_FLIGHT);
  for (let round = 0; round < 20; round++) together(limit, limit.limit, "good");
  expect(limit.limit).toBe(MAX_IN_FLIGHT);
});

describe("a permit", () => {
  test("that nobody gives back returns by itself, and not before a permit's life", () => {
    const limit = new InFlightLimit();
    const permit = limit.begin(NOW);
    expect(limit.inFlight(NOW + PERMIT_MS - 251)).toBe(1);
    expect(limit.inFlight(NOW + PERMIT_MS)).toBe(0);
    limit.end(permit, "neutral", NOW + PERMIT_MS);
    limit.begin(NOW + PERMIT_MS);
    limit.end(permit, "neutral", NOW + PERMIT_MS); // in the same place of the ring as the one that is under way
    expect(limit.inFlight(NOW + PERMIT_MS)).toBe(1);
  });

  test("counts itself, and those under way before it", () => {
    const limit = new InFlightLimit();
    expect([limit.begin(NOW).inFlight, limit.begin(NOW + 300).inFlight]).toEqual([1, 2]);
  });

  test.for([
    ["a little: nothing is lost", -1_000, 1],
    ["by an hour: none of them would ever end", -3_600_000, 0],
  ] as const)("outlives a clock that went back %s", ([, byMs, left]) => {
    const limit = new InFlightLimit();
    const permit = limit.begin(NOW);
    expect(limit.inFlight(NOW + byMs)).toBe(left);
    limit.end(permit, "neutral", NOW + byMs);
    expect(limit.inFlight(NOW + byMs)).toBe(0);
  });
});

test("whatever begins, ends, or never ends: those that began in a permit's life and did not end are under way", () => {
  const events = fc.array(
    fc.record({ afterMs: fc.nat(1_200), begin: fc.boolean(), which: fc.nat(20), good: fc.boolean() }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(events, (list) => {
      const limit = new InFlightLimit();
      const open: { at: number; permit: ReturnType<InFlightLimit["begin"]> }[] = [];
      let now = NOW;
      for (const { afterMs, begin, which, good } of list) {
        now += afterMs;
        const [ended] = begin || open.length === 0 ? [] : open.splice(which % open.length, 1);
        if (ended) limit.end(ended.permit, good ? "good" : "dropped", now);
        else open.push({ at: now, permit: limit.begin(now) });
        const slot = (at: number) => Math.floor(at / 250);
        const alive = open.filter(({ at }) => slot(now) - slot(at) < PERMIT_MS / 250);
        expect(limit.inFlight(now)).toBe(alive.length);
        expect(limit.limit).toBeGreaterThanOrEqual(MIN_IN_FLIGHT);
        expect(limit.limit).toBeLessThanOrEqual(MAX_IN_FLIGHT);
      }
    }),
  );
});
