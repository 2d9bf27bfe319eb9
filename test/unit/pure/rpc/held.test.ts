import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ageOf, type Held, handOn, hold, later } from "../../../../src/rpc/held.ts";
import { compareStamps, type Stamp, stampOf } from "../../../../src/rpc/stamp.ts";

const small = fc.nat(2);
const stamps: fc.Arbitrary<Stamp> = fc.record({ incarnation: small, epoch: small, version: small });
type Part = Stamp & { readonly ageMs: number };
const part = (stamp: Partial<Part> = {}): Part => ({ incarnation: 1, epoch: 1, version: 1, ageMs: 0, ...stamp });

describe("of two statements", () => {
  test.for<[Partial<Stamp>, Partial<Stamp>]>([
    [{ version: 2 }, { version: 1 }],
    [
      { epoch: 2, version: 0 },
      { epoch: 1, version: 9 },
    ],
    [
      { incarnation: 2, epoch: 0, version: 0 },
      { incarnation: 1, epoch: 9, version: 9 },
    ],
  ])("%o is later than %o", ([later, earlier]) => {
    expect(compareStamps(part(later), part(earlier))).toBeGreaterThan(0);
    expect(compareStamps(part(earlier), part(later))).toBeLessThan(0);
  });

  test("one is later, or they are the same: a total order", () => {
    fc.assert(
      fc.property(stamps, stamps, stamps, (a, b, c) => {
        expect(Math.sign(compareStamps(a, b))).toBe(0 - Math.sign(compareStamps(b, a)));
        expect(compareStamps(a, b) === 0).toBe(JSON.stringify(stampOf(a)) === JSON.stringify(stampOf(b)));
        if (compareStamps(a, b) >= 0 && compareStamps(b, c) >= 0) expect(compareStamps(a, c)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test("a stamp leaves out what else its carrier says", () => {
    expect(stampOf({ ...part(), nodes: [] } as Stamp)).toEqual({ incarnation: 1, epoch: 1, version: 1 });
  });
});

describe("an age", () => {
  test("begins with that of the statement and the whole of the call that brought it", () => {
    expect(ageOf(hold(part({ ageMs: 40 }), 25, 1_000), 1_000)).toBe(65);
  });

  test("grows with the holder's time", () => {
    expect(ageOf(hold(part({ ageMs: 40 }), 25, 1_000), 1_300)).toBe(365);
  });

  test("is never less than when it came, though the clock was put back or the call seems to have taken less than no time", () => {
    const held = hold(part({ ageMs: 40 }), -500, 1_000);
    expect(ageOf(held, 1_000)).toBe(40);
    expect(ageOf(held, 0)).toBe(40);
  });

  test("goes along when the statement is handed on, and everything else with it unchanged", () => {
    const said = { ...part({ ageMs: 5 }), nodes: ["a"] };
    expect(handOn(hold(said, 10, 1_000), 1_085)).toEqual({ ...said, ageMs: 100 });
  });
});

describe("what is kept of two holdings", () => {
  const now = 10_000;
  const holdings: fc.Arbitrary<Held<Part>> = fc
    .tuple(stamps, fc.nat(50), fc.nat(50), fc.integer({ min: now - 100, max: now }))
    .map(([stamp, ageMs, elapsedMs, at]) => hold({ ...stamp, ageMs }, elapsedMs, at));
  const meaning = (held: Held<Part> | undefined) => held && [stampOf(held.part), ageOf(held, now)];
  const join = (a: Held<Part> | undefined, b: Held<Part> | undefined) => later(a, b, now);

  test("is the later one, and of one statement the word that is younger", () => {
    const young = hold(part({ ageMs: 1 }), 0, now);
    const old = hold(part({ ageMs: 2 }), 0, now);
    const newer = hold(part({ version: 2, ageMs: 9_000 }), 0, now);
    expect(join(old, young)).toBe(young);
    expect(join(young, old)).toBe(young);
    expect(join(young, newer)).toBe(newer);
    expect(join(undefined, old)).toBe(old);
    expect(join(old, undefined)).toBe(old);
    expect(join(undefined, undefined)).toBeUndefined();
  });

  test("does not depend on order, grouping or repeats", () => {
    fc.assert(
      fc.property(holdings, holdings, holdings, (a, b, c) => {
        expect(meaning(join(a, b))).toEqual(meaning(join(b, a)));
        expect(meaning(join(join(a, b), c))).toEqual(meaning(join(a, join(b, c))));
        expect(meaning(join(a, a))).toEqual(meaning(a));
        expect(meaning(join(a, join(a, b)))).toEqual(meaning(join(a, b)));
      }),
    );
  });
});
