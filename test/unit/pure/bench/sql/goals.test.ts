import { describe, expect, it } from "vitest";
import { checkReadGoals } from "../../../../../bench/sql/goals.ts";
import type { Measured } from "../../../../../tools/indexes/prove/measure.ts";

/** A page of browsing: of the list itself, and of what is joined to it. */
function page(shape: string, label: Measured["label"], pitches: number, joined = 170): Measured {
  const nodes = [
    { kind: "Index Scan", relation: "pitches", index: "pitches_newest", buffers: pitches },
    { kind: "Index Scan", relation: "users", index: "users_pkey", buffers: joined },
  ];
  const buffers = pitches + joined;
  const plan = { nodes, buffers, findingBuffers: buffers, walBytes: 0, ms: 1, isSorted: false };
  return { name: "pitches.browse", shape, label, kind: "read", plan };
}

const BY_ONE = "browse by one filter, common, any depth ≤ 30 of pitches";
const resultOf = (goal: string, measured: readonly Measured[]) =>
  checkReadGoals(measured, new Map()).find((result) => result.goal === goal);

describe("the goals for reads", () => {
  it("count the buffers of the list's own table: what is joined by keys is no index's", () => {
    expect(resultOf(BY_ONE, [page("newest", "common", 30, 900)])).toMatchObject({ isMet: true });
  });

  it("are missed by their worst sample, and tell it", () => {
    const measured = [page("newest", "common", 20), page("newest+genre", "deep", 31), page("newest", "rare", 60)];
    expect(resultOf(BY_ONE, measured)).toMatchObject({ isMet: false, worst: "pitches.browse newest+genre deep: 31" });
  });

  it("are missed where the query fails, or has no sample", () => {
    expect(resultOf(BY_ONE, [{ ...page("newest", "common", 1), plan: undefined }])?.isMet).toBe(false);
    expect(resultOf(BY_ONE, [])).toMatchObject({ isMet: false, worst: "there is no sample of it" });
  });

  it("hold a search to its time as well", () => {
    const goal = "search, any word and filter ≤ 3,000, p95 ≤ 25 ms";
    const found = { ...page("words", "common", 20), name: "pitches.search" };
    const at = (p95: number) =>
      checkReadGoals([found], new Map([["pitches.search words common", { p50: 1, p95 }]])).find(
        (result) => result.goal === goal,
      );
    expect(at(25)?.isMet).toBe(true);
    expect(at(26)?.isMet).toBe(false);
  });
});
