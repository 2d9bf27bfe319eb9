import { expect, test } from "vitest";
import type { Operation, ReadOperation } from "../../../../../tools/chaos/cluster/history.ts";
import { staleJumpsOf } from "../../../../../tools/chaos/cluster/staleJumps.ts";

/** Request number `id` runs from `10 * id` to `10 * id + 5`. */
const read = (id: number, value: number, more: Partial<ReadOperation> = {}): ReadOperation => ({
  id,
  client: "session-1",
  isolate: "isolate-1",
  startMs: 10 * id,
  endMs: 10 * id + 5,
  parent: null,
  gaveToken: false,
  ending: "answered",
  status: 200,
  told: { lost: false, rewound: false, unproven: false },
  epoch: null,
  route: "",
  kind: "read",
  promised: "session",
  key: "r1",
  value,
  isShared: true,
  ...more,
});

test.each<[string, readonly Operation[], number]>([
  ["a shared answer that shows less than the one before", [read(1, 2), read(2, 1)], 1],
  ["each of several", [read(1, 2), read(2, 1), read(3, 1)], 2],
  ["less than what the database had shown", [read(1, 2, { isShared: false }), read(2, 1)], 1],
  ["not one that shows as much, or more", [read(1, 1), read(2, 1), read(3, 2)], 0],
  ["not what the database answered: that is checked elsewhere", [read(1, 2), read(2, 1, { isShared: false })], 0],
  ["not what overlapped", [read(1, 2, { endMs: 25 }), read(2, 1)], 0],
  ["not what others saw", [read(1, 2, { client: "session-2" }), read(2, 1)], 0],
  ["not what it saw of other things", [read(1, 2, { key: "r2" }), read(2, 1)], 0],
  ["not what was refused", [read(1, 2), read(2, 0, { ending: "refused" })], 0],
  ["not who has no session", [read(1, 2, { promised: "any" }), read(2, 1, { promised: "any" })], 0],
])("counted is %s", (_name, operations, expected) => {
  expect(staleJumpsOf(operations).staleJumps).toBe(expected);
});
