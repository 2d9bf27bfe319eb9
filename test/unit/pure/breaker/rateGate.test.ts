import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rampRatePerS } from "../../../../src/breaker/rampRate.ts";
import { RateGate } from "../../../../src/breaker/rateGate.ts";

const NOW = 1_700_000_000_000;

/** Where there is room, it is taken. */
function take(gate: RateGate, ratePerS: number, now: number, random = 0.5, ramp = "world 7"): boolean {
  const hasRoom = gate.hasRoom(ramp, ratePerS, now, random);
  if (hasRoom) gate.take();
  return hasRoom;
}

test.for([
  [-3_600_000, 5],
  [0, 5],
  [999, 5],
  [1_000, 25],
  [1_999, 25],
  [2_000, 100],
  [2_999, 100],
  [3_000, 100],
  [60_000, 100],
] as const)("%d ms after it began to ramp up a node is sent %d requests a second", ([sinceMs, ratePerS]) => {
  expect(rampRatePerS(sinceMs)).toBe(ratePerS);
});

describe("an isolate's share", () => {
  test("of a quiet site is whole at the first step: a request a second is never refused", () => {
    const gate = new RateGate();
    for (let at = 0; at < 3_000; at += 200) expect(take(gate, 5, NOW + at)).toBe(true);
  });

  test("begins with a whole request from one a second on, below that with a part of one", () => {
    expect([1, 0.99].map((ratePerS) => take(new RateGate(), ratePerS, NOW, 0.99))).toEqual([true, false]);
    expect(take(new RateGate(), 1, NOW, 0)).toBe(true);
  });

  test("of a busy one is the rate, and what was saved for a moment", () => {
    const gate = new RateGate();
    let sent = 0;
    for (let at = 0; at < 1_000; at++) if (take(gate, 25, NOW + at)) sent++;
    expect(sent).toBeGreaterThanOrEqual(25);
    expect(sent).toBeLessThanOrEqual(26);
  });

  test("that was not used is saved up for 200 ms, and no longer", () => {
    const gate = new RateGate();
    expect(take(gate, 100, NOW)).toBe(true);
    const sent = Array.from({ length: 100 }, () => take(gate, 100, NOW + 10_000)).filter(Boolean).length;
    expect(sent).toBe(20);
  });

  test("is asked for without being taken", () => {
    const gate = new RateGate();
    for (let asked = 0; asked < 10; asked++) expect(gate.hasRoom("world 7", 5, NOW, 0.5)).toBe(true);
    expect(take(gate, 5, NOW)).toBe(true);
    expect(gate.hasRoom("world 7", 5, NOW, 0.5)).toBe(false);
  });

  test("is owed by nobody who went on without one", () => {
    const gate = new RateGate();
    for (let sent = 0; sent < 100; sent++) gate.take();
    expect(take(gate, 5, NOW)).toBe(true);
    for (let sent = 0; sent < 100; sent++) gate.take();
    expect(take(gate, 5, NOW + 200)).toBe(true);
  });

  test("begins anew with another ramp", () => {
    const gate = new RateGate();
    expect([take(gate, 5, NOW), take(gate, 5, NOW)]).toEqual([true, false]);
    expect(take(gate, 5, NOW, 0.5, "world 9")).toBe(true);
  });

  test("is lost to no clock that was set back", () => {
    const gate = new RateGate();
    take(gate, 5, NOW);
    expect(take(gate, 5, NOW - 3_600_000)).toBe(false);
    expect(take(gate, 5, NOW - 3_600_000 + 200)).toBe(true);
  });
});

test("however many isolates share it, together they send about what the rate says", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (const isolates of [1, 3, 20, 500, 5_000]) {
    let sent = 0;
    const everyMs = isolates > 20 ? 100 : 5;
    for (let isolate = 0; isolate < isolates; isolate++) {
      const gate = new RateGate();
      for (let at = 0; at < 3_000; at += everyMs) {
        if (take(gate, rampRatePerS(at) / isolates, NOW + at, random())) sent++;
      }
    }
    expect(sent).toBeGreaterThan(100); // 130 in three seconds
    expect(sent).toBeLessThan(160);
  }
});

test("no isolate ever sends more than its rate and one burst", () => {
  const ask = fc.tuple(
    fc.nat(400),
    fc.constantFrom(0.01, 0.5, 5, 25, 100),
    fc.double({ min: 0, max: 0.99, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 200 }), (asks) => {
      const gate = new RateGate();
      let now = NOW;
      let allowed = 1;
      let sent = 0;
      for (const [passedMs, ratePerS, random] of asks) {
        now += passedMs;
        allowed += (ratePerS * passedMs) / 1_000;
        if (take(gate, ratePerS, now, random)) sent++;
        expect(sent).toBeLessThanOrEqual(allowed + 1e-6);
      }
    }),
  );
});
