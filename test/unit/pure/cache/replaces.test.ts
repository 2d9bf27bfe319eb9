import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { replaces } from "../../../../src/cache/replaces.ts";
import { entryOf, NOW } from "./entries.ts";

const OLD = entryOf({ proof: { incarnation: 7, provenThrough: 100 } });
const LATER = NOW + 1_000;

test.for<[string, boolean, number, { loadedAt?: number; proof?: object }]>([
  ["loaded later, proving as much", true, LATER, { loadedAt: LATER }],
  ["the very same", true, LATER, {}],
  ["loaded earlier, proving as much", false, LATER, { loadedAt: NOW - 1 }],
  ["loaded later, proving more", true, LATER, { loadedAt: LATER, proof: { provenThrough: 101 } }],
  ["loaded earlier, proving more", true, LATER, { loadedAt: NOW - 1, proof: { provenThrough: 101 } }],
  ["loaded later, proving less", false, LATER, { loadedAt: LATER, proof: { provenThrough: 99 } }],
  ["loaded later, proving nothing", false, OLD.freshUntil, { loadedAt: OLD.freshUntil, proof: { provenThrough: -1 } }],
  [
    "proving nothing, when the other is past its stale time",
    true,
    OLD.staleUntil,
    { loadedAt: OLD.staleUntil, proof: { provenThrough: -1 } },
  ],
  [
    "loaded earlier and proving nothing, even then",
    false,
    OLD.staleUntil,
    { loadedAt: NOW - 1, proof: { provenThrough: -1 } },
  ],
  ["of a later life of the log", true, LATER, { loadedAt: LATER, proof: { incarnation: 8, provenThrough: -1 } }],
  ["of a later life, loaded earlier", false, LATER, { loadedAt: NOW - 1, proof: { incarnation: 8 } }],
  ["of an earlier life, while the other is fresh", false, LATER, { loadedAt: LATER, proof: { incarnation: 6 } }],
  [
    "of an earlier life, when the other is no longer fresh",
    true,
    OLD.freshUntil,
    { loadedAt: OLD.freshUntil, proof: { incarnation: 6 } },
  ],
  [
    "without a view, while the other is fresh",
    false,
    LATER,
    { loadedAt: LATER, proof: { incarnation: 0, provenThrough: -1 } },
  ],
  [
    "without a view, when the other is no longer fresh",
    true,
    OLD.freshUntil,
    { loadedAt: OLD.freshUntil, proof: { incarnation: 0, provenThrough: -1 } },
  ],
])("an answer that is %s: %s", ([, isTaken, now, { loadedAt = NOW, proof = {} }]) => {
  const one = entryOf({ loadedAt, proof: { incarnation: 7, provenThrough: 100, ...proof } });
  expect(replaces(one, OLD, now)).toBe(isTaken);
});

test.for<[string, boolean, number, { loadedAt?: number; proof?: object }]>([
  ["loaded earlier, proving as much", false, 3_600_000, { loadedAt: NOW - 1 }],
  ["loaded later, proving as much", true, 1, { loadedAt: NOW + 1 }],
  ["loaded later by who had not heard of it", false, 149_999, { loadedAt: NOW + 1, proof: { provenThrough: 99 } }],
  ["loaded later and proving nothing", false, 149_999, { loadedAt: NOW + 1, proof: { provenThrough: -1 } }],
  ["the same, when nobody can be so far behind", true, 150_000, { loadedAt: NOW + 1, proof: { provenThrough: -1 } }],
  ["of another life, loaded earlier", false, 3_600_000, { loadedAt: NOW - 1, proof: { incarnation: 9 } }],
  ["of an earlier life, loaded later", false, 149_999, { loadedAt: NOW + 1, proof: { incarnation: 6 } }],
  ["of a later life, loaded later", true, 1, { loadedAt: NOW + 1, proof: { incarnation: 8, provenThrough: -1 } }],
])("what was found gone gives way to an answer that is %s: %s", ([, isTaken, ms, { loadedAt = NOW, proof = {} }]) => {
  const until = { freshUntil: NOW, staleUntil: NOW, errorUntil: NOW, maskUntil: NOW + 3_600_000 };
  const gone = entryOf({ status: 404, ...until, proof: { incarnation: 7, provenThrough: 100 } });
  const one = entryOf({ loadedAt, proof: { incarnation: 7, provenThrough: 100, ...proof } });
  expect(replaces(one, gone, NOW + ms)).toBe(isTaken);
});

describe("of any two", () => {
  const any = fc.record({
    loadedAt: fc.nat(3),
    incarnation: fc.nat(2),
    provenThrough: fc.integer({ min: -1, max: 2 }),
  });
  const made = ({ loadedAt, ...proof }: { loadedAt: number; incarnation: number; provenThrough: number }) =>
    entryOf({ loadedAt: NOW + loadedAt * 1_000, proof });

  test("while both are fresh, each takes the other's place only where they are equally new", () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        const [one, other] = [made(a), made(b)];
        if (replaces(one, other, NOW + 5_000) && replaces(other, one, NOW + 5_000)) expect(a).toEqual(b);
      }),
    );
  });

  test("one that was loaded later takes the place in the end, so that nothing blocks a key for ever", () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        fc.pre(a.loadedAt >= b.loadedAt);
        expect(replaces(made(a), made(b), made(b).staleUntil)).toBe(true);
      }),
    );
  });
});
