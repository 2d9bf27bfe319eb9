import { describe, expect, it } from "vitest";
import { type ComparedSample, changeOf, compareSets } from "../../../../../../tools/indexes/prove/compareSets.ts";
import { measured } from "./measured.ts";

describe("the guard against regressions", () => {
  it.each<[number | undefined, number | undefined, ComparedSample["change"], string]>([
    [1_000, 1_200, "same", "a fifth more is ANALYZE's dice"],
    [1_000, 1_201, "worse", "more than a fifth"],
    [1_201, 1_000, "better", "the other way round"],
    [3, 13, "same", "ten buffers more are nobody's loss, however few it were"],
    [3, 14, "worse", "eleven are"],
    [25_001, 88_009, "worse", "browsing by genre with the owner's index"],
    [undefined, 5, "same", "it failed before: nothing to lose"],
    [5, undefined, "lost", "it ran before and fails now"],
    [undefined, undefined, "same", "it never ran"],
  ])("calls %s → %s buffers %s: %s", (before, after, change) => {
    expect(changeOf(before, after)).toBe(change);
  });

  it("judges a write by what finding its rows takes: more indexes are more to write, which has a budget of its own", () => {
    const [before, after] = [100, 1_000].map((buffers) => [measured({ name: "w", kind: "write", buffers })]);
    expect(compareSets(before ?? [], after ?? [])).toEqual([
      { key: "w common", before: 98, after: 998, change: "worse" },
    ]);
  });

  it("matches samples by name, shape and label, in the order of the second measurement", () => {
    const before = [
      measured({ name: "a", shape: "x", buffers: 100 }),
      measured({ name: "a", shape: "y", buffers: 500 }),
      measured({ name: "a", shape: "y", label: "rare", buffers: 7 }),
    ];
    const after = [
      measured({ name: "a", shape: "y", label: "rare", buffers: 900 }),
      measured({ name: "a", shape: "y", buffers: 20 }),
      measured({ name: "b", buffers: 1 }),
    ];
    expect(compareSets(before, after)).toEqual([
      { key: "a y rare", before: 7, after: 900, change: "worse" },
      { key: "a y common", before: 500, after: 20, change: "better" },
      { key: "b common", before: undefined, after: 1, change: "same" },
    ]);
  });
});
