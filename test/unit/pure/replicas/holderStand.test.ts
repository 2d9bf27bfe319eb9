import { expect, test } from "vitest";
import { type HolderStand, hasGoneBack } from "../../../../src/replicas/holderStand.ts";

const BEFORE: HolderStand = {
  node: "a",
  epoch: "3",
  generation: "g1",
  timeline: "00000002",
  position: "1000",
  mayLose: false,
  at: 0,
};
const NEXT = { ...BEFORE, generation: "g2" };

test.for<[string, Partial<HolderStand>, Partial<HolderStand>, boolean]>([
  ["one process, whatever it says", { mayLose: true }, { ...BEFORE, position: "1", timeline: "00000001" }, false],
  ["a restart that lost nothing", {}, NEXT, false],
  ["a restart that went on", {}, { ...NEXT, position: "10000" }, false],
  ["a log that is shorter", {}, { ...NEXT, position: "999" }, true],
  ["numbers, not texts, being compared", { position: "9" }, { ...NEXT, position: "10" }, false],
  ["another line", {}, { ...NEXT, timeline: "00000003", position: "5000" }, true],
  ["a restart of what answers before it writes", { mayLose: true }, { ...NEXT, position: "5000" }, true],
  ["what writes before it answers since", {}, { ...NEXT, mayLose: true }, false],
  ["another node", {}, { ...NEXT, node: "b", position: "1" }, false],
  ["another epoch", {}, { ...NEXT, epoch: "4", position: "1" }, false],
  ["a process that nobody knows", { generation: null }, { ...NEXT, position: "1" }, false],
  ["a process that does not say which", {}, { ...NEXT, generation: null, position: "1" }, false],
  ["a log that nobody knows", { position: null, timeline: null }, { ...NEXT, position: "1" }, false],
  ["a log that is not told", {}, { ...NEXT, position: null, timeline: null }, false],
])("%s", ([, before, after, isBack]) => {
  expect(hasGoneBack({ ...BEFORE, ...before }, { ...BEFORE, ...after })).toBe(isBack);
});
