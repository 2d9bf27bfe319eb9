import { describe, expect, test } from "vitest";
import { DIMENSIONS } from "../../../../src/telemetry/catalogue.ts";
import { Dimensions } from "../../../../src/telemetry/dimensions.ts";

const QUERY = "breakwater_database_query_duration_seconds";
const REQUESTS = "breakwater_http_requests_total";
const manyNames = (count: number) => Array.from({ length: count }, (_, at) => `name-${at}`);

describe("a label that a dimension bounds", () => {
  test("takes known values, and no other where values are known", () => {
    const dimensions = new Dimensions({ route: ["/a", "/b/:id"] });
    expect(dimensions.fit(REQUESTS, ["/b/:id", "2xx"])).toEqual(["/b/:id", "2xx"]);
    expect(dimensions.fit(REQUESTS, ["/b/17", "2xx"])).toEqual(["other", "2xx"]);
  });

  test("learns values up to the maximum where none are known, and keeps to those", () => {
    const dimensions = new Dimensions();
    const { max } = DIMENSIONS.query;
    const fitted = manyNames(max + 5).map((name) => dimensions.fit(QUERY, [name])?.[0]);
    expect(fitted).toEqual([...manyNames(max), ...Array(5).fill("other")]);
    expect(dimensions.fit(QUERY, ["name-0"])).toEqual(["name-0"]);
  });

  test("takes no more than the maximum of known values", () => {
    const { max } = DIMENSIONS.route;
    const dimensions = new Dimensions({ route: manyNames(max + 1) });
    expect(dimensions.fit(REQUESTS, [`name-${max - 1}`, "2xx"])).toEqual([`name-${max - 1}`, "2xx"]);
    expect(dimensions.fit(REQUESTS, [`name-${max}`, "2xx"])).toEqual(["other", "2xx"]);
  });

  test.for([
    ["120 bytes of JSON", "a".repeat(118), true],
    ["121 bytes of JSON", "a".repeat(119), false],
    ["short but many bytes", "☃".repeat(60), false],
    ["the word other", "other", false],
  ] as const)("with a value that is %s: takes it as it is, or as other", ([, value, isTaken]) => {
    const dimensions = new Dimensions();
    expect(dimensions.fit(QUERY, [value])).toEqual([isTaken ? value : "other"]);
    const { max } = DIMENSIONS.query;
    const room = manyNames(max).filter((name) => dimensions.fit(QUERY, [name])?.[0] === name).length;
    expect(room).toBe(isTaken ? max - 1 : max);
  });

  test("keeps values that were bounded elsewhere though it is full", () => {
    const dimensions = new Dimensions();
    for (const name of manyNames(DIMENSIONS.query.max)) dimensions.fit(QUERY, [name]);
    expect(dimensions.keep(QUERY, ["late"])).toEqual(["late"]);
    expect(dimensions.fit(QUERY, ["late"])).toEqual(["late"]);
  });
});

test.for([
  ["a value that is not listed", ["/a", "1xx"]],
  ["a value too few", ["/a"]],
  ["a value too many", ["/a", "2xx", "x"]],
] as const)("labels with %s fit nothing, and teach nothing", ([, values]) => {
  const dimensions = new Dimensions();
  expect(dimensions.fit(REQUESTS, values)).toBeUndefined();
  expect(dimensions.keep(REQUESTS, values)).toBeUndefined();
  expect(dimensions.labelSets("breakwater_http_request_duration_seconds")).toEqual([["other"]]);
});

describe("label sets", () => {
  test("are all combinations of lists and known values, with other where it is expected", () => {
    const dimensions = new Dimensions({ route: ["/a"], node: ["node-1", "node-2"] });
    expect(dimensions.labelSets(REQUESTS)).toHaveLength(2 * 4);
    expect(dimensions.labelSets(REQUESTS)).toContainEqual(["other", "5xx"]);
    expect(dimensions.labelSets("breakwater_database_attempts_total")).toHaveLength(2 * 3 * 8);
  });

  test("are one empty set without labels, and none where nothing can be told", () => {
    const dimensions = new Dimensions();
    expect(dimensions.labelSets("breakwater_exchange_duration_seconds")).toEqual([[]]);
    expect(dimensions.labelSets("breakwater_database_reads_total")).toEqual([]);
  });
});
