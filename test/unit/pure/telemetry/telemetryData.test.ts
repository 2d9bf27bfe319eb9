import { describe, expect, test } from "vitest";
import { telemetryDataSchema, telemetryDeltaSchema } from "../../../../src/telemetry/telemetryData.ts";

const counters = (...series: unknown[]) => ({ counters: [{ metric: "m", labels: ["a"], series }], histograms: [] });
const histograms = (...series: unknown[]) => ({ counters: [], histograms: [{ metric: "m", labels: ["a"], series }] });
const exemplar = { traceId: "0af7651916cd43dd8448eb211c80319c", value: 0.1, at: 1_700_000_000_000 };

describe("the schema of a delta", () => {
  test.for<[string, unknown]>([
    ["nothing at all", { counters: [], histograms: [] }],
    ["a count of zero, and the largest", counters([["x"], 0], [["x"], Number.MAX_SAFE_INTEGER])],
    ["a histogram", histograms([["x"], 1_000, [600, 1, 2, 5], [exemplar]])],
    ["metrics and labels nobody knows", { ...counters(), counters: [{ metric: "?", labels: ["??"], series: [] }] }],
    ["fields of a later version", { ...counters([["x"], 1]), later: true }],
  ])("takes %s", ([, delta]) => {
    expect(telemetryDeltaSchema.safeParse(delta).success).toBe(true);
  });

  test.for<[string, unknown]>([
    ["null", null],
    ["a text", "{}"],
    ["no counters", { histograms: [] }],
    ["a negative count", counters([["x"], -1])],
    ["half a count", counters([["x"], 0.5])],
    ["a count beyond exact numbers", counters([["x"], 2 ** 53])],
    ["a count that is none", counters([["x"], Number.NaN])],
    ["an endless count", counters([["x"], Number.POSITIVE_INFINITY])],
    ["a count as text", counters([["x"], "1"])],
    ["a label that is no text", counters([[1], 1])],
    ["a label as long as a page", counters([["x".repeat(300)], 1])],
    ["a negative sum", histograms([["x"], -1, [], []])],
    ["half a pair of a bucket", histograms([["x"], 1, [600], []])],
    ["a negative step", histograms([["x"], 1, [600, 1, -2, 1], []])],
    ["a negative bucket", histograms([["x"], 1, [600, -1], []])],
    ["more buckets than anybody has", histograms([["x"], 1, Array(5_000).fill(1), []])],
    ["two exemplars of one series", histograms([["x"], 1, [600, 2], [exemplar, exemplar]])],
    ["a trace that could end its line", histograms([["x"], 1, [600, 1], [{ ...exemplar, traceId: 'a"\n' }]])],
    ["an exemplar without end", histograms([["x"], 1, [600, 1], [{ ...exemplar, value: Number.POSITIVE_INFINITY }]])],
    ["more series than 4 KB can hold", counters(...Array(1_000).fill([["x"], 1]))],
  ])("refuses %s", ([, delta]) => {
    expect(telemetryDeltaSchema.safeParse(delta).success).toBe(false);
  });
});

test("the schema of totals takes an exemplar for each bucket that is shown", () => {
  const data = histograms([["x"], 1, [600, 15], Array(15).fill(exemplar)]);
  expect(telemetryDataSchema.safeParse(data).success).toBe(true);
});
