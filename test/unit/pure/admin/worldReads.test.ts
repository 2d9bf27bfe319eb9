import { expect, test } from "vitest";
import { worldCounts, worldReads } from "../../../../src/admin/worldReads.ts";
import type { CollectorTotals } from "../../../../src/admin/worldTotals.ts";

type Series = [string[], number][];

const collector = (reads: Series, refusals: Series = []): CollectorTotals => ({
  data: {
    counters: [
      { metric: "breakwater_database_reads_total", labels: ["node", "reason"], series: reads },
      { metric: "breakwater_database_refusals_total", labels: ["reason"], series: refusals },
    ],
    histograms: [],
  },
  checkpointAgeMs: 0,
  reporters: 1,
});

test("reads of all Collectors add up, by node and reason, with each node's share", () => {
  const one = collector([
    [["a", "any"], 6],
    [["p", "spill"], 1],
  ]);
  const other = collector([
    [["a", "any"], 1],
    [["a", "hedge"], 1],
    [["b", "any"], 1],
  ]);
  expect(worldReads([one, other])).toEqual({
    a: { share: 0.8, reasons: { any: 7, hedge: 1 } },
    p: { share: 0.1, reasons: { spill: 1 } },
    b: { share: 0.1, reasons: { any: 1 } },
  });
});

test("where nothing was read nobody has a share", () => {
  expect(worldReads([])).toEqual({});
  expect(worldReads([collector([[["a", "any"], 0]])])).toEqual({ a: { share: null, reasons: { any: 0 } } });
});

test("a counter of one label adds up by its values", () => {
  const of = (count: number) => collector([], [[["open"], count]]);
  expect(worldCounts([of(2), of(3)], "breakwater_database_refusals_total")).toEqual({ open: 5 });
  expect(worldCounts([of(2)], "breakwater_session_broken_total")).toEqual({});
});
