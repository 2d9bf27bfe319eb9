import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLOSED, type Phase, type PhaseEvent, step, waitLeftMs } from "../../../../src/breaker/phase.ts";

const NOW = 1_700_000_000_000;
const MIDDLE = 0.5; // no jitter
const closed: Phase = { state: "closed", epoch: 4, since: NOW - 9_000 };
const open: Phase = { state: "open", epoch: 5, since: NOW - 1_000, until: NOW + 1_000, opened: 1 };
const overdue: Phase = { ...open, until: NOW };
const halfOpen: Phase = { state: "half-open", epoch: 6, since: NOW - 100, opened: 1, good: 0 };
const hopeful: Phase = { ...halfOpen, good: 1 };

const trip: PhaseEvent = { type: "trip" };
const time: PhaseEvent = { type: "time" };
const good: PhaseEvent = { type: "probe", good: true };
const bad: PhaseEvent = { type: "probe", good: false };

test.for<[string, Phase, PhaseEvent, Phase | "the same"]>([
  ["closed, tripped", closed, trip, { state: "open", epoch: 5, since: NOW, until: NOW + 2_000, opened: 1 }],
  ["closed, time", closed, time, "the same"],
  ["closed, a good probe", closed, good, "the same"],
  ["closed, a bad probe", closed, bad, "the same"],
  ["open, tripped again", open, trip, "the same"],
  ["open, time, before its wait is over", open, time, "the same"],
  ["open, time, its wait over", overdue, time, { state: "half-open", epoch: 6, since: NOW, opened: 1, good: 0 }],
  ["open, a good probe of before", open, good, "the same"],
  ["open, a bad probe of before", open, bad, "the same"],
  ["half-open, tripped", halfOpen, trip, "the same"],
  ["half-open, time", halfOpen, time, "the same"],
  ["half-open, a first good probe", halfOpen, good, { ...halfOpen, good: 1 }],
  ["half-open, a second good probe", hopeful, good, { state: "closed", epoch: 7, since: NOW }],
  ["half-open, a bad probe", halfOpen, bad, { state: "open", epoch: 7, since: NOW, until: NOW + 4_000, opened: 2 }],
  [
    "half-open, a bad one after a good",
    hopeful,
    bad,
    { state: "open", epoch: 7, since: NOW, until: NOW + 4_000, opened: 2 },
  ],
])("%s", ([, phase, event, expected]) => {
  const next = step(phase, event, NOW, MIDDLE);
  if (expected === "the same") expect(next).toBe(phase);
  else expect(next).toEqual(expected);
});

describe("the wait of an open breaker", () => {
  test.for([
    [0, 2_000],
    [1, 4_000],
    [2, 6_000],
    [3, 6_000],
    [1_000, 6_000],
  ] as const)("opened %d times before, it is %d ms, a fifth more or less", ([opened, waitMs]) => {
    const before: Phase = { ...halfOpen, opened };
    const wait = (random: number) => waitLeftMs(step(before, bad, NOW, random), NOW);
    expect(wait(MIDDLE)).toBe(waitMs);
    expect(wait(0)).toBeCloseTo(waitMs * 0.8, 0);
    expect(wait(0.999_999)).toBeCloseTo(waitMs * 1.2, 0);
  });

  test("begins anew after it was closed", () => {
    const reclosed = step({ ...hopeful, opened: 7 }, good, NOW, MIDDLE);
    expect(waitLeftMs(step(reclosed, trip, NOW, MIDDLE), NOW)).toBe(2_000);
  });

  test("is over, and not an hour longer, where the clock was set back by an hour", () => {
    const ofTheFuture: Phase = { ...open, since: NOW + 3_600_000, until: NOW + 3_602_000 };
    expect(waitLeftMs(ofTheFuture, NOW)).toBe(0);
    expect(step(ofTheFuture, time, NOW, MIDDLE).state).toBe("half-open");
  });

  test("is none in any other state", () => {
    expect([closed, halfOpen].map((phase) => waitLeftMs(phase, NOW))).toEqual([0, 0]);
  });
});

test("whatever happens, epochs never fall, each other state is another epoch, and no open state is without an end", () => {
  const event = fc.constantFrom(trip, time, good, bad);
  const happening = fc.tuple(
    event,
    fc.integer({ min: -5_000, max: 8_000 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      let phase = CLOSED;
      let now = NOW;
      for (const [event, passedMs, random] of happenings) {
        now += passedMs;
        const next = step(phase, event, now, random);
        expect(next.epoch).toBeGreaterThanOrEqual(phase.epoch);
        if (next.state !== phase.state) expect(next.epoch).toBe(phase.epoch + 1);
        else expect(next.epoch).toBe(phase.epoch);
        expect(waitLeftMs(next, now)).toBeLessThanOrEqual(7_201);
        const later = [now, now + 7_201].map((at) => step(next, time, at, random).state);
        if (next.state === "open") expect(later).toContain("half-open");
        phase = next;
      }
    }),
  );
});
