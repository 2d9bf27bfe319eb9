import { expect, test } from "vitest";
import { tamperedRows } from "../../../../tools/fuzz/victimRows.ts";

test("a victim's row that was changed, removed or added is told, and no other", () => {
  const before = new Map([
    ["pitches 1", "a"],
    ["pitches 2", "b"],
    ["ndas 1", "c"],
  ]);
  const after = new Map([
    ["pitches 1", "a"],
    ["pitches 2", "B"],
    ["messages 1", "d"],
  ]);
  expect(tamperedRows(before, before)).toEqual([]);
  expect(tamperedRows(before, after)).toEqual([
    "pitches 2 was b and is B",
    "ndas 1 was c and is gone",
    "messages 1 was not there and is d",
  ]);
});
