import { expect, test } from "vitest";
import { withHolder } from "../../../../src/replicas/epochChain.ts";
import { type LineageRow, lineageSchema, type PendingEpoch } from "../../../../src/replicas/lineage.ts";

const line = (change: Partial<LineageRow> = {}): LineageRow => ({ ...lineageSchema.parse({}), ...change });
const holds = (node: string, epoch: string) => line({ holder: { node, epoch } });
const PENDING: PendingEpoch = {
  node: "b",
  epoch: "2",
  parent: "1",
  switchXmin: "90",
  timeline: "00000002",
  ordered: false,
  wentBack: false,
};
const FOUND = { epoch: "1", node: "a", by: "found", parent: null, switchXmin: null, timeline: null, at: 5 } as const;
const BEGUN = { epoch: "2", node: "b", parent: "1", switchXmin: "90", timeline: "00000002", at: 9 } as const;

test("the chain has an epoch when its holder is found, once, and none before", () => {
  expect(withHolder([], line(), line(), 5)).toEqual([]);
  const chain = withHolder([], line(), holds("a", "1"), 5);
  expect(chain).toEqual([FOUND]);
  expect(withHolder(chain, holds("a", "1"), holds("a", "1"), 6)).toEqual([FOUND]);
});

test.for([
  ["of the coordinator's own is told with all it knows", PENDING, { ...BEGUN, by: "begun" }],
  ["that an operator ordered says so", { ...PENDING, ordered: true }, { ...BEGUN, by: "ordered" }],
  ["on a node that went back says so", { ...PENDING, wentBack: true }, { ...BEGUN, by: "went-back" }],
  [
    "that began though another was decided was found",
    { ...PENDING, epoch: "3" },
    { ...FOUND, epoch: "2", node: "b", at: 9 },
  ],
] as const)("an epoch %s", ([, pending, epoch]) => {
  expect(withHolder([FOUND], line({ pending }), holds("b", "2"), 9)).toEqual([FOUND, epoch]);
});

test("the same number on another node is another entry, and only the last of many are kept", () => {
  expect(withHolder([FOUND], holds("a", "1"), holds("c", "1"), 9)).toHaveLength(2);
  let chain: ReturnType<typeof withHolder> = [];
  for (let epoch = 1; epoch <= 40; epoch++) chain = withHolder(chain, line(), holds("a", String(epoch)), epoch);
  expect([chain.length, chain.at(0)?.epoch, chain.at(-1)?.epoch]).toEqual([24, "17", "40"]);
});
