import { expect, test } from "vitest";
import { Rotation } from "../../../../src/replicas/rotation.ts";
import type { Role } from "../../../../src/replicas/topology.ts";

interface Seen {
  readonly node: string;
  readonly role: Role;
  readonly epoch: string | null;
  readonly newestEpoch: string | null;
  readonly behindMs: number | null;
  /** Without: as at least. */
  readonly atMostMs?: number | null | undefined;
}

const outBy = (rotation: Rotation, facts: Partial<Seen>) => {
  const { behindMs, atMostMs = behindMs, ...known }: Seen = { ...WELL, ...facts };
  rotation.seen(known.node, behindMs === null ? null : { atLeastMs: behindMs, atMostMs });
  return rotation.reasonOut(known);
};

const WELL = { node: "b", role: "replica", epoch: "2", newestEpoch: "2", behindMs: 100 } as const;

test.for<[string, Partial<Seen>, string | undefined]>([
  ["one that is well", {}, undefined],
  ["one that does not know of the newest epoch", { epoch: "1" }, "other line"],
  ["nine and ten are numbers", { epoch: "9", newestEpoch: "10" }, "other line"],
  ["one of which nothing is known yet", { epoch: null, behindMs: null }, undefined],
  ["one that is far behind", { behindMs: 10_001 }, "too far behind"],
  ["one at the bound", { behindMs: 10_000 }, undefined],
  ["the primary, whatever its numbers", { role: "primary", epoch: "1", behindMs: 99_000 }, undefined],
])("%s", ([, facts, reason]) => {
  expect(outBy(new Rotation([]), facts)).toBe(reason);
});

test("one that was far behind comes back when it has caught up, and not before", () => {
  const rotation = new Rotation([]);
  const at = (behindMs: number | null, atMostMs?: number | null) => outBy(rotation, { behindMs, atMostMs });
  expect(at(10_001)).toBe("too far behind");
  expect(new Rotation([], rotation.behind).reasonOut(WELL)).toBe("too far behind");
  const whileFar = [at(10_001), at(9_000), at(2_001), at(null), at(0, null), at(0, 10_001)];
  expect(new Set(whileFar)).toEqual(new Set(["too far behind"]));
  expect([at(2_000, 10_000), at(9_000)]).toEqual([undefined, undefined]);
});

test("a drained one is out until it is resumed, primary or not, and through a restart", () => {
  const rotation = new Rotation([]);
  rotation.drain("b", true);
  rotation.drain("b", true);
  expect([rotation.drained, rotation.reasonOut(WELL), rotation.reasonOut({ ...WELL, role: "primary" })]).toEqual([
    ["b"],
    "drained",
    "drained",
  ]);
  const restored = new Rotation(rotation.drained);
  expect([restored.reasonOut(WELL), restored.reasonOut({ ...WELL, node: "c" })]).toEqual(["drained", undefined]);
  restored.drain("b", false);
  expect([restored.drained, restored.reasonOut(WELL)]).toEqual([[], undefined]);
});
