import { expect, it } from "vitest";
import { compareWithOwner, type ThreeWays } from "../../../../../bench/sql/compareWithOwner.ts";

const sample = (rest: Partial<ThreeWays>): ThreeWays => {
  return { key: "a common", none: 1_000, owner: 1_000, ours: 20, isIndexed: true, ...rest };
};

const met = (samples: readonly ThreeWays[], tps = { owner: 10, ours: 1_000 }) =>
  compareWithOwner(samples, tps).map(({ isMet }) => isMet);

it.each<[string, readonly ThreeWays[], readonly boolean[]]>([
  ["all are met", [sample({})], [true, true, true]],
  ["1.05 times the owner's is met", [sample({ owner: 1_000, ours: 1_050, none: 90_000 })], [true, true, true]],
  ["more than that is missed", [sample({ owner: 1_000, ours: 1_051, none: 90_000 })], [false, true, true]],
  ["ten buffers more of a handful are met", [sample({ owner: 3, ours: 13 })], [true, true, true]],
  ["a query that fails with ours alone is missed", [sample({}), sample({ ours: undefined })], [false, true, true]],
  ["94 % saved is missed", [sample({ ours: 60 })], [true, true, false]],
  [
    "queries without an index of a set do not count for the saving",
    [sample({}), sample({ ours: 1_000, isIndexed: false }), sample({ ours: 1_000, isIndexed: false })],
    [true, true, true],
  ],
])("of the goals against the owner's set: %s", (_, samples, expected) => {
  expect(met(samples)).toEqual(expected);
});

it("99 times the owner's throughput is missed", () => {
  expect(met([sample({})], { owner: 10, ours: 990 })).toEqual([true, false, true]);
});

it("tells the query that is furthest beyond, and how many are", () => {
  const samples = [sample({ key: "a", owner: 100, ours: 200 }), sample({ key: "b", owner: 100, ours: 900 })];
  expect(compareWithOwner(samples, { owner: 1, ours: 100 })[0]?.worst).toBe("b: 100 → 900, one of 2");
});
