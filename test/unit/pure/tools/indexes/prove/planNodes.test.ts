import { describe, expect, it } from "vitest";
import { parsePlan } from "../../../../../../tools/indexes/prove/planNodes.ts";

const node = (kind: string, hit: number, rest: Record<string, unknown> = {}) => ({
  "Node Type": kind,
  "Shared Hit Blocks": hit,
  "Shared Read Blocks": 0,
  "WAL Bytes": 0,
  ...rest,
});

const explained = (Plan: unknown) => [{ Plan, "Execution Time": 1.5, Planning: { "Shared Hit Blocks": 40 } }];

describe("a plan that ran", () => {
  it("tells of each node what it read itself, whether it was in memory or not, and nothing of the planning", () => {
    const scan = node("Index Scan", 9, { "Shared Read Blocks": 2, "Relation Name": "pitches", "Index Name": "newest" });
    const plan = parsePlan(explained(node("Nested Loop", 71, { Plans: [scan, node("Memoize", 60)] })));
    expect(plan.nodes).toEqual([
      { kind: "Nested Loop", relation: undefined, index: undefined, buffers: 0 },
      { kind: "Index Scan", relation: "pitches", index: "newest", buffers: 11 },
      { kind: "Memoize", relation: undefined, index: undefined, buffers: 60 },
    ]);
    expect(plan).toMatchObject({ buffers: 71, ms: 1.5, isSorted: false });
  });

  it.each([
    ["Sort", 5_000, 21, true],
    ["Incremental Sort", 5_000, 21, true],
    ["Sort", 5_000, 5_000, false],
    ["Sort", 100, 21, false],
    ["Sort", 101, 21, true],
    ["Materialize", 5_000, 21, false],
  ])("says of a %s of %i rows that gives %i whether it sorted in vain: %s", (kind, read, given, isSorted) => {
    const scan = node("Index Scan", 5, { "Actual Rows": read, "Actual Loops": 1 });
    const sort = node(kind, 5, { "Actual Rows": given, "Actual Loops": 1, Plans: [scan] });
    expect(parsePlan(explained(node("Limit", 5, { Plans: [sort] }))).isSorted).toBe(isSorted);
  });

  it("counts an index that a bitmap reads to the table above it", () => {
    const bitmap = node("Bitmap Index Scan", 4, { "Index Name": "by_genre" });
    const both = node("BitmapAnd", 8, { Plans: [bitmap, { ...bitmap, "Index Name": "by_format" }] });
    const { nodes } = parsePlan(explained(node("Bitmap Heap Scan", 20, { "Relation Name": "pitches", Plans: [both] })));
    expect(nodes.map(({ relation, index, buffers }) => [relation, index, buffers])).toEqual([
      ["pitches", undefined, 12],
      ["pitches", undefined, 0],
      ["pitches", "by_genre", 4],
      ["pitches", "by_format", 4],
    ]);
  });

  it("counts what a WITH writes after its parent was closed, which the parent's own figures leave out", () => {
    const made = node("ModifyTable", 30, { "Relation Name": "ndas", "WAL Bytes": 400 });
    const plan = parsePlan(explained(node("ModifyTable", 8, { "WAL Bytes": 100, Plans: [made] })));
    expect(plan).toMatchObject({ buffers: 30, walBytes: 400 });
  });

  it("tells what a write's rows took to find apart from writing them", () => {
    const scan = node("Index Scan", 9, { "Relation Name": "ndas", "Index Name": "by_pitch" });
    const plan = parsePlan(explained(node("ModifyTable", 40, { "Relation Name": "ndas", Plans: [scan] })));
    expect(plan).toMatchObject({ buffers: 40, findingBuffers: 9 });
  });

  it("refuses what is no plan", () => {
    expect(() => parsePlan([{ Plan: {} }])).toThrow();
  });
});
