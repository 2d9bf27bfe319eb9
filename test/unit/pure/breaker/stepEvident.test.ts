import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leftMs } from "../../../../src/breaker/leftMs.ts";
import { CLOSED, type Evident } from "../../../../src/breaker/phase.ts";
import { type EvidentEvent, stepEvident } from "../../../../src/breaker/stepEvident.ts";
import { evidents, NOW } from "./phases.ts";

const MIDDLE = 0.5; // no jitter
const { closed, open, "half-open": halfOpen, ramping } = evidents;
const overdue: Evident = { ...open, until: NOW };
const hopeful = { ...halfOpen, good: 1 };
const done: Evident = { ...ramping, since: NOW - 3_000 };
const almostDone: Evident = { ...ramping, since: NOW - 2_999 };

const trip: EvidentEvent = { type: "trip" };
const time: EvidentEvent = { type: "time" };
const ramp: EvidentEvent = { type: "ramp" };
const good: EvidentEvent = { type: "probe", good: true };
const bad: EvidentEvent = { type: "probe", good: false };

const openedTwice = (epoch: number): Evident => ({ state: "open", epoch, since: NOW, until: NOW + 4_000, opened: 2 });

test.for<[string, Evident, EvidentEvent, Evident | "the same"]>([
  ["closed, tripped", closed, trip, { state: "open", epoch: 5, since: NOW, until: NOW + 2_000, opened: 1 }],
  ["closed, time", closed, time, "the same"],
  ["closed, a good probe", closed, good, "the same"],
  ["closed, a bad probe", closed, bad, "the same"],
  ["closed, told to ramp", closed, ramp, { state: "ramping", epoch: 5, since: NOW, opened: 0 }],
  ["open, tripped again", open, trip, "the same"],
  ["open, time, before its wait is over", open, time, "the same"],
  ["open, time, its wait over", overdue, time, { state: "half-open", epoch: 6, since: NOW, opened: 1, good: 0 }],
  ["open, a good probe of before", open, good, "the same"],
  ["open, a bad probe of before", open, bad, "the same"],
  ["open, told to ramp", open, ramp, "the same"],
  ["half-open, tripped", halfOpen, trip, "the same"],
  ["half-open, time", halfOpen, time, "the same"],
  ["half-open, told to ramp", halfOpen, ramp, "the same"],
  ["half-open, a first good probe", halfOpen, good, { ...halfOpen, good: 1 }],
  ["half-open, a second good probe", hopeful, good, { state: "ramping", epoch: 7, since: NOW, opened: 1 }],
  ["half-open, a bad probe", halfOpen, bad, openedTwice(7)],
  ["half-open, a bad one after a good", hopeful, bad, openedTwice(7)],
  ["ramping, tripped", ramping, trip, openedTwice(8)],
  ["ramping, time, before it is over", almostDone, time, "the same"],
  ["ramping, time, without a failure until it is over", done, time, { state: "closed", epoch: 8, since: NOW }],
  ["ramping, a late good probe", ramping, good, "the same"],
  ["ramping, a late bad probe", ramping, bad, "the same"],
  ["ramping, told to ramp", ramping, ramp, "the same"],
])("%s", ([, phase, event, expected]) => {
  const next = stepEvident(phase, event, NOW, MIDDLE);
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
    for (const [before, event] of [
      [{ ...halfOpen, opened }, bad],
      [{ ...ramping, opened }, trip],
    ] as const) {
      const wait = (random: number) => leftMs(stepEvident(before, event, NOW, random), NOW);
      expect(wait(MIDDLE)).toBe(waitMs);
      expect(wait(0)).toBeCloseTo(waitMs * 0.8, 0);
      expect(wait(0.999_999)).toBeCloseTo(waitMs * 1.2, 0);
    }
  });

  test("begins anew after it was closed", () => {
    const reclosed = stepEvident({ ...done, opened: 7 }, time, NOW, MIDDLE);
    expect(leftMs(stepEvident(reclosed, trip, NOW, MIDDLE), NOW)).toBe(2_000);
  });
});

describe("a clock that was set back by an hour", () => {
  test("ends a wait, which would be hours", () => {
    const ofTheFuture: Evident = { ...open, since: NOW + 3_600_000, until: NOW + 3_602_000 };
    expect(stepEvident(ofTheFuture, time, NOW, MIDDLE).state).toBe("half-open");
  });

  test("ends a ramp", () => {
    expect(stepEvident({ ...ramping, since: NOW + 3_600_000 }, time, NOW, MIDDLE).state).toBe("closed");
  });
});

const event = fc.constantFrom(trip, time, ramp, good, bad);
const happening = fc.tuple(
  event,
  fc.integer({ min: -5_000, max: 8_000 }),
  fc.double({ min: 0, max: 0.999, noNaN: true }),
);

test("whatever happens, epochs never fall, each other state is another epoch, and no state that time ends is without an end", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      let phase = CLOSED;
      let now = NOW;
      for (const [event, passedMs, random] of happenings) {
        now += passedMs;
        const next = stepEvident(phase, event, now, random);
        expect(next.epoch).toBe(phase.epoch + (next.state === phase.state ? 0 : 1));
        if (next.state === "open") {
          expect(leftMs(next, now)).toBeLessThanOrEqual(7_201);
          const later = [now, now + 7_201].map((at) => stepEvident(next, time, at, random).state);
          expect(later).toContain("half-open");
        }
        if (next.state === "ramping") {
          const later = [now, now + 3_000].map((at) => stepEvident(next, time, at, random).state);
          expect(later).toContain("closed");
        }
        phase = next;
      }
    }),
  );
});

test("from wherever it stands, two good probes and time alone close it within 15 s", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      let phase = CLOSED;
      let now = NOW;
      for (const [event, passedMs, random] of happenings) {
        now += passedMs;
        phase = stepEvident(phase, event, now, random);
      }
      const end = now + 15_000;
      for (; now <= end && phase.state !== "closed"; now += 500) {
        phase = stepEvident(stepEvident(phase, time, now, MIDDLE), good, now, MIDDLE);
      }
      expect(phase.state).toBe("closed");
    }),
  );
});
