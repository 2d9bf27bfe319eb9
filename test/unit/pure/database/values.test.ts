import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_QUERY_NAMES, MIN_ATTEMPT_MS } from "../../../../src/database/constants.ts";
import { attemptMs, remainingMs } from "../../../../src/database/deadline.ts";
import { Statistics } from "../../../../src/database/statistics.ts";
import { uuidMs, uuidv7 } from "../../../../src/database/uuid.ts";

describe("a deadline", () => {
  test.for<[string, number, number, boolean, number]>([
    ["the first of three a third, nearly", 3_000, 0, false, 900],
    ["the second of three half of what is left", 2_100, 1, false, 1_050],
    ["the last all that is left", 1_050, 2, true, 1_050],
    ["the only one all that is left", 3_000, 0, true, 3_000],
    ["one beyond the shares all that is left", 500, 5, false, 500],
    ["nobody a share too small to be answered in", 30, 0, false, MIN_ATTEMPT_MS],
    ["nobody anything once too little is left", MIN_ATTEMPT_MS - 1, 2, true, 0],
    ["nobody anything once it is over", -5, 0, true, 0],
  ])("gives %s", ([, left, index, isLast, ms]) => {
    expect(attemptMs({ at: 10_000 + left }, 10_000, index, isLast)).toBe(ms);
  });

  test("never gives more than is left, nor less than is of use", () => {
    const instant = fc.integer({ min: -10_000, max: 10_000 });
    fc.assert(
      fc.property(instant, instant, fc.nat(5), fc.boolean(), (at, now, index, isLast) => {
        const ms = attemptMs({ at }, now, index, isLast);
        expect(ms).toBeLessThanOrEqual(remainingMs({ at }, now));
        expect(ms === 0 || ms >= MIN_ATTEMPT_MS).toBe(true);
        expect(remainingMs({ at }, now)).toBe(Math.max(0, at - now));
      }),
    );
  });
});

describe("a version 7 UUID", () => {
  test("is laid out as RFC 9562 shows it", () => {
    const random = (bytes: Uint8Array) =>
      bytes.set([0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 7, 0x39, 0x8f]);
    expect(uuidv7(0x017f22e279b0, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  test("carries its milliseconds, and sorts by them as text", () => {
    const ms = fc.integer({ min: 0, max: 2 ** 48 - 2 });
    fc.assert(
      fc.property(ms, fc.double({ min: 0, max: 0.999, noNaN: true }), (at, fraction) => {
        const id = uuidv7(at + (at < 2 ** 40 ? fraction : 0));
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(uuidMs(id)).toBe(at);
        expect(id < uuidv7(at + 1)).toBe(true);
      }),
    );
  });

  test("is not made twice", () => {
    expect(new Set(Array.from({ length: 1_000 }, () => uuidv7(1))).size).toBe(1_000);
  });
});

describe("the statistics", () => {
  test("count and time each query by name, the costliest first", () => {
    const statistics = new Statistics();
    statistics.record("cheap", 1, 0);
    statistics.record("dear", 30, 0);
    statistics.record("dear", 50, 0, "slow");
    statistics.record("dear", 10, 0, "slow");
    expect(statistics.snapshot()).toEqual([
      { name: "dear", count: 3, totalMs: 90, maxMs: 50, failures: { slow: 2 } },
      { name: "cheap", count: 1, totalMs: 1, maxMs: 1, failures: {} },
    ]);
  });

  test("keep a bounded number of names, and go on counting those they know", () => {
    const statistics = new Statistics();
    for (let index = 0; index < MAX_QUERY_NAMES + 10; index++) statistics.record(`q${index}`, 1, 0);
    statistics.record("q0", 5, 0);
    const snapshot = statistics.snapshot();
    expect(snapshot).toHaveLength(MAX_QUERY_NAMES);
    expect(snapshot[0]).toMatchObject({ name: "q0", count: 2 });
  });

  test("give copies: what is read does not change", () => {
    const statistics = new Statistics();
    statistics.record("q", 1, 0, "role");
    const [before] = statistics.snapshot();
    statistics.record("q", 1, 0, "role");
    expect(before).toMatchObject({ count: 1, failures: { role: 1 } });
  });
});
