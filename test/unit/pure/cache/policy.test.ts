import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type Situation } from "../../../../src/cache/policy.ts";
import { entryOf, NOW } from "./entries.ts";

const ENTRY = entryOf(); // fresh for 10 s, stale for 50 s more, usable for an hour
const situation = (changes: Partial<Situation>): Situation => ({
  entry: ENTRY,
  why: undefined,
  isPurged: false,
  showsOwed: true,
  canLoad: true,
  isRecovering: false,
  isNearEnd: false,
  absent: "cold",
  now: NOW,
  ...changes,
});
const past = (ms: number, changes: Partial<Situation> = {}) =>
  decide(situation({ why: "expired", now: NOW + ms, ...changes }));

describe("a request for a shared answer", () => {
  test.each([
    ["is given a current copy", situation({}), { do: "serve", as: "fresh" }],
    [
      "and near its end it is loaded anew behind that",
      situation({ isNearEnd: true }),
      { do: "serve", as: "fresh", refresh: "ahead" },
    ],
    ["also while the database is gone", situation({ canLoad: false }), { do: "serve", as: "fresh" }],
    ["loads what is nowhere", situation({ entry: undefined }), { do: "load", cause: "cold", fallback: undefined }],
    ["says why it is nowhere", situation({ entry: undefined, absent: "evicted" }), { do: "load", cause: "evicted" }],
    [
      "is refused what is nowhere and cannot be loaded",
      situation({ entry: undefined, canLoad: false }),
      { do: "refuse", cause: "cold" },
    ],
    [
      "is given a bumped copy once more, and it is loaded behind it",
      situation({ why: "bumped" }),
      { do: "serve", as: "stale" },
    ],
    ["the same of another epoch or life, or unproven", situation({ why: "unproven" }), { do: "serve", as: "stale" }],
    ["is never given what is purged", situation({ isPurged: true, canLoad: false }), { do: "refuse", cause: "purged" }],
    [
      "loads what is purged, with nothing to fall back on",
      situation({ isPurged: true }),
      { do: "load", cause: "purged", fallback: undefined },
    ],
    [
      "is never given what lacks the reader's own write",
      situation({ showsOwed: false }),
      { do: "load", cause: "bypass", fallback: undefined },
    ],
    [
      "but where nothing else can be, which is said",
      situation({ showsOwed: false, canLoad: false }),
      { do: "serve", as: "error", lacksOwed: true },
    ],
    [
      "and not past its end",
      situation({ showsOwed: false, canLoad: false, now: NOW + 3_600_000 }),
      { do: "refuse", cause: "bypass" },
    ],
  ] as const)("%s", (_name, given, expected) => {
    expect(decide(given)).toMatchObject(expected);
  });

  test("by age: stale up to the end of that window, then loaded, with the copy to fall back on until its very end", () => {
    expect(past(10_000)).toMatchObject({ do: "serve", as: "stale" });
    expect(past(59_999)).toMatchObject({ do: "serve", as: "stale" });
    expect(past(60_000)).toEqual({ do: "load", cause: "expired", fallback: ENTRY });
    expect(past(3_599_999)).toMatchObject({ fallback: ENTRY });
    expect(past(3_600_000)).toEqual({ do: "load", cause: "expired", fallback: undefined });
  });

  test("by age, while the database is gone: the copy until its very end, then nothing", () => {
    const gone = { canLoad: false };
    expect(past(10_000, gone)).toMatchObject({ do: "serve", as: "error" });
    expect(past(3_599_999, gone)).toMatchObject({ do: "serve", as: "error" });
    expect(past(3_600_000, gone)).toEqual({ do: "refuse", cause: "expired" });
    expect(past(3_600_000, { ...gone, why: "bumped" })).toEqual({ do: "refuse", cause: "bumped" });
  });

  test("by age, while the database comes back: nobody waits who has a copy, and it is loaded anew when its turn comes", () => {
    const recovering = { isRecovering: true };
    const inTurn = { do: "serve", refresh: "in-turn", entry: ENTRY };
    for (const isNearEnd of [false, true])
      expect(decide(situation({ ...recovering, isNearEnd }))).toEqual({ do: "serve", as: "fresh", entry: ENTRY });
    expect(past(10_000, recovering)).toEqual({ ...inTurn, as: "stale" });
    expect(past(60_000, recovering)).toEqual({ ...inTurn, as: "error" });
    expect(past(3_599_999, recovering)).toEqual({ ...inTurn, as: "error" });
    expect(past(3_600_000, recovering)).toEqual({ do: "load", cause: "expired", fallback: undefined });
    // Still away: that it was wanted is counted.
    expect(past(60_000, { ...recovering, canLoad: false })).toEqual({ ...inTurn, as: "error" });
    // Whoever is owed writes is not put off, nor who finds no copy.
    expect(past(60_000, { ...recovering, showsOwed: false })).toMatchObject({ do: "load", cause: "bypass" });
    expect(past(60_000, { ...recovering, entry: undefined })).toMatchObject({ do: "load", cause: "cold" });
    expect(past(60_000, { ...recovering, isPurged: true })).toMatchObject({ do: "load", cause: "purged" });
  });

  test("whatever comes together: nothing past its end, purged, or lacking what is owed; no load while none may be sent", () => {
    const whys = [undefined, "expired", "bumped", "unproven", "own-write"] as const;
    const any = fc.record({
      why: fc.constantFrom(...whys),
      isPurged: fc.boolean(),
      showsOwed: fc.boolean(),
      canLoad: fc.boolean(),
      isRecovering: fc.boolean(),
      isNearEnd: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: 4_000_000 }),
    });
    fc.assert(
      fc.property(any, ({ afterMs, why: drawn, ...facts }) => {
        const why = afterMs >= 10_000 ? (drawn ?? "expired") : drawn;
        const decision = decide(situation({ ...facts, why, now: NOW + afterMs }));
        const given = decision.do === "serve" ? decision.entry : decision.do === "load" ? decision.fallback : undefined;
        const isSaid = decision.do === "serve" && decision.lacksOwed === true && !facts.canLoad;
        const shows = facts.showsOwed || isSaid;
        if (given) expect([facts.isPurged, shows, NOW + afterMs < given.errorUntil]).toEqual([false, true, true]);
        if (!facts.canLoad) expect(decision.do).not.toBe("load");
        if (!facts.canLoad && decision.do === "serve") expect(decision.as).not.toBe("stale");
        if (decision.do !== "serve") return;
        if (facts.isRecovering) expect([undefined, "in-turn"]).toContain(decision.refresh);
        if (!facts.canLoad) expect([undefined, "in-turn"]).toContain(decision.refresh);
      }),
    );
  });
});
