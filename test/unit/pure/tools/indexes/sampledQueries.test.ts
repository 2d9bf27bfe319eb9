import { describe, expect, it } from "vitest";
import { MADE_UP_SAMPLES } from "../../../../../tools/indexes/madeUpSamples.ts";
import { sampledQueries } from "../../../../../tools/indexes/sampledQueries.ts";
import { findUnsampled, unsampledQueries } from "../../../../../tools/indexes/unsampledQueries.ts";

describe("the sampled queries", () => {
  it("are all that the application has", async () => {
    expect(await unsampledQueries(sampledQueries(MADE_UP_SAMPLES))).toEqual([]);
  });

  it("name each query once, and each of its samples by shape and label once", () => {
    const queries = sampledQueries(MADE_UP_SAMPLES);
    const names = queries.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, samples } of queries) {
      const labels = samples.map(({ shape, label }) => `${shape} ${label}`);
      expect(new Set(labels).size, name).toBe(labels.length);
      for (const { query } of samples) expect(query.name).toBe(name);
    }
  });
});

describe("what has no sample", () => {
  const source = `export function listed(): Query {
  return query("things.list", "SELECT 1");
}
function listQuery() {}
export function other(): Query<Map<string, Row[]>> {
  return listQuery<Map<string, Row[]>>(
    "things.other", 2);
}`;

  it.each([
    [
      "a name",
      ["things.list"],
      "listed() other()",
      ["no sample of the query things.other: add one in tools/indexes/sampled"],
    ],
    [
      "a function",
      ["things.list", "things.other"],
      "listed()",
      ["no sample made by other(): add one in tools/indexes/sampled"],
    ],
    [
      "a function whose name begins another's",
      ["things.list", "things.other"],
      "listed() others()",
      ["no sample made by other(): add one in tools/indexes/sampled"],
    ],
    ["nothing", ["things.list", "things.other"], "listed() ownedList(x, other)", []],
  ])("is found: %s", (_, names, users, findings) => {
    expect(findUnsampled({ sources: [source], users, names: new Set(names) })).toEqual(findings);
  });
});
