import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leftMs } from "../../../../src/breaker/leftMs.ts";
import { CLOSED, type Held, isHeld, type Phase, phaseSchema } from "../../../../src/breaker/phase.ts";
import { type PhaseEvent, step } from "../../../../src/breaker/step.ts";
import { type EvidentEvent, stepEvident } from "../../../../src/breaker/stepEvident.ts";
import { evidents, hold, NOW, phases, states } from "./phases.ts";

const MIDDLE = 0.5; // no jitter
const evidence: readonly PhaseEvent[] = [
  { type: "trip" },
  { type: "probe", good: true },
  { type: "probe", good: false },
  { type: "ramp" },
  { type: "time" },
];
const release: PhaseEvent = { type: "release" };
const time: PhaseEvent = { type: "time" };
const held = (state: Held["state"], until = NOW + 5_000): PhaseEvent => ({
  type: "hold",
  state,
  hold: { owner: "bob", reason: "a drill", until },
});
const order = { owner: "bob", reason: "a drill", until: NOW + 5_000 };

test("without an order evidence decides, as it does in an isolate", () => {
  for (const phase of Object.values(evidents)) {
    for (const event of evidence) {
      const told = event as EvidentEvent;
      expect(step(phase, event, NOW + 3_000, MIDDLE)).toEqual(stepEvident(phase, told, NOW + 3_000, MIDDLE));
    }
  }
  expect(step(evidents.closed, { type: "trip" }, NOW, MIDDLE).state).toBe("open");
});

describe("a hold", () => {
  test.for(states)("on a node that is %s is in force at once, as another epoch", (from) => {
    const { epoch } = phases[from];
    for (const state of ["forced-open", "forced-closed"] as const) {
      expect(step(phases[from], held(state), NOW, MIDDLE)).toEqual({
        state,
        epoch: epoch + 1,
        since: NOW,
        hold: order,
      });
    }
    const shadowed = step(phases[from], held("shadow"), NOW, MIDDLE);
    expect(shadowed).toMatchObject({ state: "shadow", epoch: epoch + 1, since: NOW, hold: order });
    expect(shadowed).toHaveProperty("under.epoch", epoch + 1);
  });

  test.for(["forced-open", "forced-closed"] as const)("%s is moved by no evidence", (state) => {
    for (const event of evidence) expect(step(phases[state], event, NOW + 59_999, MIDDLE)).toBe(phases[state]);
  });

  test.for<[keyof typeof evidents]>([["closed"], ["open"], ["half-open"], ["ramping"]])(
    "shadow lets evidence go on below it, from %s, under one epoch with it",
    ([state]) => {
      const before: Phase = { ...phases.shadow, epoch: evidents[state].epoch, under: evidents[state] };
      for (const event of evidence) {
        const under = step(evidents[state], event, NOW, MIDDLE);
        const after = step(before, event, NOW, MIDDLE);
        if (under === evidents[state]) expect(after).toBe(before);
        else expect(after).toEqual({ ...before, epoch: under.epoch, under });
      }
    },
  );
});

describe("an order's end, by release or by time,", () => {
  const ends = [
    ["by release", release, NOW],
    ["by time", time, NOW + 60_000],
  ] as const;

  test.for(ends)("%s: who was forced open proves itself first", ([, event, now]) => {
    const after = { state: "half-open", epoch: 9, since: now, opened: 1, good: 0 };
    expect(step(phases["forced-open"], event, now, MIDDLE)).toEqual(after);
  });

  test.for(ends)("%s: who was forced closed is closed, until evidence says otherwise", ([, event, now]) => {
    expect(step(phases["forced-closed"], event, now, MIDDLE)).toEqual({ state: "closed", epoch: 9, since: now });
  });

  test.for(ends)("%s: who was shadowed is what evidence made of it", ([, event, now]) => {
    const open = { ...evidents.open, epoch: 12 };
    const before: Phase = { ...phases.shadow, epoch: 12, under: open };
    expect(step(before, event, now, MIDDLE)).toEqual({ ...open, epoch: 13 });
  });

  test("is not before its time", () => {
    for (const state of ["forced-open", "forced-closed", "shadow"] as const) {
      expect(step(phases[state], time, NOW + 59_999, MIDDLE)).toBe(phases[state]);
    }
  });

  test("comes, and not a year later, where a clock was set back", () => {
    const ofTheFuture: Phase = { ...phases["forced-open"], hold: { ...hold, until: NOW + 31_536_000_000 } };
    expect(step(ofTheFuture, time, NOW, MIDDLE).state).toBe("half-open");
  });

  test.for(["closed", "open", "half-open", "ramping"] as const)("changes nothing where none is: %s", (state) => {
    expect(step(phases[state], release, NOW, MIDDLE)).toBe(phases[state]);
  });
});

test("one order replaces another, and evidence below a shadow survives that", () => {
  const shadowed: Phase = { ...phases.shadow, epoch: 5, under: evidents.open };
  const again = step(shadowed, held("shadow"), NOW, MIDDLE);
  expect(again).toEqual({ ...shadowed, epoch: 6, since: NOW, hold: order, under: { ...evidents.open, epoch: 6 } });
  expect(step(phases["forced-open"], held("shadow"), NOW, MIDDLE)).toHaveProperty("under.state", "half-open");
  expect(step(phases["forced-closed"], held("shadow"), NOW, MIDDLE)).toHaveProperty("under.state", "closed");
});

test.for(states)("what is %s comes back from its row as it was", (state) => {
  expect(phaseSchema.parse(JSON.parse(JSON.stringify(phases[state])))).toEqual(phases[state]);
});

test("how long each state lasts", () => {
  const left = Object.fromEntries(states.map((state) => [state, leftMs(phases[state], NOW)]));
  expect(left).toEqual({
    closed: 0,
    open: 1_000,
    "half-open": 0,
    ramping: 2_900,
    "forced-open": 60_000,
    "forced-closed": 60_000,
    shadow: 60_000,
  });
  expect(leftMs(phases.open, NOW + 1_001)).toBe(0);
  expect(leftMs({ ...phases.open, until: NOW + 7_201 }, NOW)).toBe(7_201);
  expect(leftMs({ ...phases.open, until: NOW + 7_202 }, NOW)).toBe(0);
  expect(leftMs({ ...phases.shadow, hold: { ...hold, until: NOW + 86_400_001 } }, NOW)).toBe(0);
});

const event = fc.oneof(
  fc.constantFrom(...evidence, release),
  fc
    .tuple(fc.constantFrom("forced-open", "forced-closed", "shadow"), fc.nat(90_000))
    .map(([state, ms]) => ({ ...held(state as Held["state"], NOW + ms) })),
);
const happening = fc.tuple(event, fc.nat(8_000), fc.double({ min: 0, max: 0.999, noNaN: true }));

test("whatever is ordered and met, epochs never fall, a shadow has one epoch with what is below it, and every order ends", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      let phase: Phase = CLOSED;
      let now = NOW;
      for (const [event, passedMs, random] of happenings) {
        now += passedMs;
        const next = step(phase, event, now, random);
        expect(next.epoch).toBeGreaterThanOrEqual(phase.epoch);
        if (next.state !== phase.state) expect(next.epoch).toBeGreaterThan(phase.epoch);
        if (next.state === "shadow") expect(next.under.epoch).toBe(next.epoch);
        phase = next;
      }
      if (isHeld(phase)) expect(isHeld(step(phase, time, phase.hold.until, MIDDLE))).toBe(false);
    }),
  );
});
