import { describe, expect, test } from "vitest";
import { MAX_VIEW_AGE_MS } from "../../../../src/cache/constants.ts";
import { isPurged, whyNotCurrent } from "../../../../src/cache/isCurrent.ts";
import { entryOf, NOW } from "./entries.ts";
import { knowledge } from "./knowledge.ts";

const FLOOR_MS = 2_000;
const why = (entry: Parameters<typeof entryOf>[0], known: Parameters<typeof knowledge>[0] | undefined, afterMs = 0) =>
  whyNotCurrent(entryOf(entry), known && knowledge(known), NOW + afterMs, FLOOR_MS);

describe("an entry is current", () => {
  test.each([
    ["while it is fresh and nothing is newer", {}, {}, 9_999, undefined],
    ["and not a millisecond longer", {}, {}, 10_000, "expired"],
    ["though another bucket has a bump", {}, { seq: 9, buckets: { 2: 9 } }, 0, undefined],
    ["up to the very bump that it shows", {}, { seq: 9, buckets: { 1: 5 } }, 0, undefined],
    ["not past a bump of a bucket of it", {}, { seq: 6, buckets: { 1: 6 } }, 0, "bumped"],
    ["not past a bump of its second bucket", { buckets: [1, 2] }, { seq: 6, buckets: { 2: 6 } }, 0, "bumped"],
    ["not where its load proved nothing", { proof: { provenThrough: -1 } }, {}, 0, "unproven"],
    ["not in another life of the log", {}, { incarnation: 2 }, 0, "old-incarnation"],
    ["not in another epoch of the database", {}, { epoch: "2" }, 0, "old-epoch"],
    ["where nobody says which epoch it is", {}, { epoch: undefined }, 0, undefined],
    ["not where this isolate wrote what it lacks", {}, { own: new Map([["m", [1]]]) }, 0, "own-write"],
    ["where it shows what this isolate wrote", { proof: { saw: ["m"] } }, { own: new Map([["m", [1]]]) }, 0, undefined],
    ["where this isolate wrote something else", {}, { own: new Map([["m", [2]]]) }, 0, undefined],
  ] as const)("%s", (_name, entry, known, afterMs, expected) => {
    expect(why(entry as Parameters<typeof entryOf>[0], known, afterMs)).toBe(expected);
  });

  test("for its route's floor alone, where the word is missing or older than two minutes, whatever it says", () => {
    const old = { ageMs: MAX_VIEW_AGE_MS + 1, seq: 9, buckets: { 1: 9 } };
    expect([why({}, old, FLOOR_MS - 1), why({}, old, FLOOR_MS)]).toEqual([undefined, "expired"]);
    expect([why({}, undefined, FLOOR_MS - 1), why({}, undefined, FLOOR_MS)]).toEqual([undefined, "expired"]);
    expect(why({}, { ...old, ageMs: MAX_VIEW_AGE_MS })).toBe("bumped");
    const atAge = (ageMs: number) => why({}, { ageMs }, FLOOR_MS);
    expect([MAX_VIEW_AGE_MS - 1_000, MAX_VIEW_AGE_MS, MAX_VIEW_AGE_MS + 1].map(atAge)).toEqual([
      undefined,
      undefined,
      "expired",
    ]);
    expect(why({}, { ...old, own: new Map([["m", [1]]]) })).toBe("own-write");
  });
});

test("what is purged for good is whatever was loaded when that was not known, in any life of the log", () => {
  const purged = (knownThrough: number, purges: Record<number, number>) =>
    isPurged(entryOf({ proof: { knownThrough, incarnation: 7 } }), knowledge({ purges }));
  expect([purged(5, { 1: 6 }), purged(6, { 1: 6 }), purged(5, { 2: 6 }), purged(-1, { 1: 1 })]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(isPurged(entryOf(), undefined)).toBe(false);
});

test("what was loaded without a view is not purged where nothing was", () => {
  const blind = entryOf({ proof: { incarnation: 0, provenThrough: -1, knownThrough: -1 } });
  expect(isPurged(blind, knowledge({}))).toBe(false);
  expect(isPurged(blind, knowledge({ purges: { 2: 6 } }))).toBe(false);
});
