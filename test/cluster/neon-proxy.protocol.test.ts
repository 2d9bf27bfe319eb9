import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bed, post, startBed } from "./neon-proxy.bed.ts";

let bed: Bed;
beforeAll(async () => {
  bed = await startBed();
});
afterAll(() => bed.stop());

const RAW = { "Neon-Raw-Text-Output": "true", "Neon-Array-Mode": "true" };
const ERROR_KEYS =
  "message code detail hint position internalPosition internalQuery severity where table column schema dataType " +
  "constraint file line routine";

describe("a success", () => {
  test("is written with Neon's keys in Neon's order", async () => {
    const { status, headers, text } = await post(bed, { query: "SELECT 1 AS one", params: [] }, RAW);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("neon-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(text).toBe(
      '{"fields":[{"name":"one","dataTypeID":23,"tableID":0,"columnID":0,"dataTypeSize":4,"dataTypeModifier":-1,' +
        '"format":"text"}],"rows":[["1"]],"command":"SELECT","rowCount":1,"rowAsArray":true}',
    );
  });

  test.each([
    ["SELECT 1 WHERE false", "SELECT", 0],
    ["CREATE TABLE IF NOT EXISTS tags (n int)", "CREATE", null],
    ["INSERT INTO tags SELECT generate_series(1, 3)", "INSERT", 3],
    ["UPDATE tags SET n = n + 1", "UPDATE", 3],
    ["DELETE FROM tags", "DELETE", 3],
    ["", "", null],
    ["-- nothing", "", null],
    ["SHOW server_version_num", "SHOW", null],
  ])("of %j says command %j and row count %j", async (query, command, rowCount) => {
    expect((await post(bed, { query })).json).toMatchObject({ command, rowCount });
  });

  test.each([
    ["true", true],
    ["1::int2", 1],
    ["-7::int4", -7],
    ["1::int8", "1"],
    ["1.50::numeric", "1.50"],
    ["1.5::float8", 1.5],
    ["1e-300::float8", 1e-300],
    ["'NaN'::float8", "NaN"],
    ["'-Infinity'::float4", "-Infinity"],
    ["NULL::int4", null],
    [`'{"a":[1,null,"x"]}'::jsonb`, { a: [1, null, "x"] }],
    [`'[1, 2]'::json`, [1, 2]],
    ["'2024-01-02'::date", "2024-01-02"],
    ["ARRAY[1,NULL,3]", [1, null, 3]],
    [
      "ARRAY[[1,2],[3,4]]",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["'[0:1]={5,6}'::int4[]", [5, 6]],
    ["'{}'::text[]", []],
    [`ARRAY['a"b', 'c\\d', 'e,f', 'NULL', '', '{}']`, [`a"b`, "c\\d", "e,f", "NULL", "", "{}"]],
    ["ARRAY[true,false]", [true, false]],
    ["ARRAY[1::int8]", ["1"]],
    ["ARRAY[1.5::float8,'NaN']", [1.5, "NaN"]],
    [`ARRAY['{"a":1}'::jsonb]`, [{ a: 1 }]],
    ["E'\\\\xff'::bytea", "\\xff"],
  ])("gives %s as %j without raw text, and as text with it", async (expression, expected) => {
    const query = `SELECT ${expression} AS value, (${expression})::text AS text`;
    const typed = (await post(bed, { query })).json.rows[0];
    expect(typed.value).toEqual(expected);
    const raw = (await post(bed, { query }, { "Neon-Raw-Text-Output": "true" })).json.rows[0];
    if (expression !== "true") expect(raw.value).toBe(raw.text);
    else expect(raw.value).toBe("t");
  });

  test("lets a statement's own arrayMode beat the header", async () => {
    const body = { queries: [{ query: "SELECT 1 AS a", arrayMode: false }, { query: "SELECT 1 AS a" }] };
    const { json } = await post(bed, body, RAW);
    expect(json.results.map((result: { rows: unknown }) => result.rows)).toEqual([[{ a: "1" }], [["1"]]]);
  });

  test.each(["TRUE", "1", "yes"])("takes a boolean header that says %j as false", async (value) => {
    const { json } = await post(bed, { query: "SELECT 1" }, { "Neon-Array-Mode": value });
    expect(json.rowAsArray).toBe(false);
  });
});

describe("parameters", () => {
  test.each([
    [null, null],
    ["text", "text"],
    [42, "42"],
    [1.5, "1.5"],
    [true, "true"],
    [{ a: [1] }, '{"a":[1]}'],
    [[1, null, "x"], '{1,NULL,"x"}'],
    [[["a"], ["b,c"]], '{{"a"},{"b,c"}}'],
    [[{ k: "v" }], '{"{\\"k\\":\\"v\\"}"}'],
    [[], "{}"],
  ])("sends %j as the untyped text %j", async (parameter, expected) => {
    expect((await post(bed, { query: "SELECT $1", params: [parameter] }, RAW)).json.rows).toEqual([[expected]]);
  });

  test("that are too few give the bind error of the extended protocol", async () => {
    expect((await post(bed, { query: "SELECT $1::int", params: [] })).json.code).toBe("08P01");
  });

  test("may hold a NUL only to be refused by Postgres, and the session goes on", async () => {
    expect((await post(bed, { query: "SELECT $1", params: ["a\0b"] })).json.code).toBe("22021");
    expect((await post(bed, { query: "SELECT 1" })).status).toBe(200);
  });
});

describe("an error", () => {
  test("of Postgres carries all its fields, in Neon's order, position and line as text", async () => {
    const { status, headers, json } = await post(bed, { query: "SELECT nope" });
    expect(status).toBe(400);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(Object.keys(json).join(" ")).toBe(ERROR_KEYS);
    expect(json).toMatchObject({ code: "42703", severity: "ERROR", position: "8", detail: null, table: null });
    expect(json.line).toMatch(/^\d+$/);
  });

  test("of two statements in one text is 42601, because the extended protocol is always used", async () => {
    expect((await post(bed, { query: "SELECT 1; SELECT 2" })).json.code).toBe("42601");
  });

  const refusals: [string, unknown, Record<string, string>, RegExp][] = [
    ["no JSON", "{", {}, /^could not parse the HTTP request body: /],
    ["neither query nor queries", {}, {}, /^could not parse the HTTP request body: /],
    ["params that are no array", { query: "SELECT 1", params: {} }, {}, /^could not parse the HTTP request body: /],
    ["a NUL in the text", { query: "SELECT 1\0" }, {}, /^error encoding message to server$/],
    [
      "a wrong isolation level",
      { queries: [] },
      { "Neon-Batch-Isolation-Level": "serializable" },
      /^invalid isolation level$/,
    ],
    ["another scheme", { query: "" }, { "Neon-Connection-String": "mysql://a:b@node-1/x" }, /^incorrect scheme$/],
    ["no URL", { query: "" }, { "Neon-Connection-String": "node-1" }, /^invalid connection string/],
    ["no database", { query: "" }, { "Neon-Connection-String": "postgres://a:b@node-1/" }, /^missing database name$/],
    ["no user", { query: "" }, { "Neon-Connection-String": "postgres://node-1/x" }, /^missing username$/],
    ["no password", { query: "" }, { "Neon-Connection-String": "postgres://a@node-1/x" }, /required password$/],
    [
      "a NUL in the user",
      { query: "" },
      { "Neon-Connection-String": "postgres://a%00:b@node-1/x" },
      /^invalid username$/,
    ],
    [
      "an unknown endpoint",
      { query: "" },
      { "Neon-Connection-String": "postgres://a:b@node-9.x/x" },
      /^The requested endpoint could not be found/,
    ],
    ["a bearer token", { query: "" }, { Authorization: "Bearer x" }, /^missing authentication credentials/],
    ["COPY", { query: "COPY (SELECT 1) TO STDOUT" }, {}, /^unexpected message from server$/],
  ];
  test.each(refusals)("is 400 with an empty code for %s", async (_case, body, headers, message) => {
    const { status, json } = await post(bed, body, headers);
    expect(status).toBe(400);
    expect(Object.keys(json).join(" ")).toBe(ERROR_KEYS);
    expect(json).toMatchObject({ code: "", severity: "", detail: null });
    expect(json.message).toMatch(message);
  });

  test("is 400 for a COPY that wants data, and neither hangs nor spoils the next request", async () => {
    await bed.direct.query("CREATE TABLE IF NOT EXISTS copied (n int)");
    const copy = { query: "COPY copied FROM STDIN" };
    expect((await post(bed, copy)).status).toBe(400);
    expect((await post(bed, { queries: [copy, { query: "SELECT 1" }] })).status).toBe(400);
    expect((await post(bed, { query: "SELECT count(*) FROM copied" }, RAW)).json.rows).toEqual([["0"]]);
  });

  test("is 400 when the Neon-Connection-String is missing", async () => {
    const response = await fetch(`${bed.proxy.url}/sql`, { method: "POST", body: "{}" });
    expect([response.status, (await response.json()).message]).toEqual([400, "invalid header: neon-connection-string"]);
  });

  test("for a wrong password and for an unknown user reads the same, while connections are pooled", async () => {
    await post(bed, { query: "SELECT 1" });
    for (const login of ["breakwater:wrong", "nobody:breakwater"]) {
      const headers = { "Neon-Connection-String": `postgres://${login}@node-1.breakwater.local/postgres` };
      const { status, json } = await post(bed, { query: "SELECT 1" }, headers);
      const user = login.split(":")[0];
      expect([status, json.code, json.message]).toEqual([400, "", `password authentication failed for user '${user}'`]);
    }
  });

  test("for a database that is not there is 500 with Postgres' code", async () => {
    const headers = { "Neon-Connection-String": bed.connectionString.replace(/postgres$/, "nothing") };
    const { status, json } = await post(bed, { query: "SELECT 1" }, headers);
    expect([status, json.code]).toEqual([500, "3D000"]);
  });

  test("for a node where nothing listens is 500, at once", async () => {
    const headers = { "Neon-Connection-String": bed.connectionString.replace("node-1", "node-dead") };
    const started = performance.now();
    const { status, json } = await post(bed, { query: "SELECT 1" }, headers);
    expect([status, json.code, json.message]).toEqual([500, "", "Couldn't connect to compute node"]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("sizes", () => {
  const MIB = 1024 * 1024;

  test("a body of 10 MiB passes and one byte more is 413", async () => {
    const frame = JSON.stringify({ query: "SELECT length($1)", params: [""] }).length;
    const body = (bytes: number) => ({ query: "SELECT length($1)", params: ["x".repeat(bytes - frame)] });
    expect((await post(bed, body(10 * MIB))).status).toBe(200);
    const { status, json } = await post(bed, body(10 * MIB + 1));
    expect([status, json.message]).toEqual([413, "request is too large (max is 10485760 bytes)"]);
  });

  test("a result beyond 10 MiB is 507, in one row or in many", async () => {
    for (const query of ["SELECT repeat('x', 10485761)", "SELECT repeat('x', 1000) FROM generate_series(1, 20000)"]) {
      const { status, json } = await post(bed, { query });
      expect([status, json.message]).toEqual([507, "response is too large (max is 10485760 bytes)"]);
    }
  });

  test("a result whose JSON alone is beyond 10 MiB is 507 as well", async () => {
    expect((await post(bed, { query: `SELECT repeat('"', 6000000)` })).status).toBe(507);
  });

  test("a batch that ends in 507 is rolled back", async () => {
    await bed.direct.query("CREATE TABLE IF NOT EXISTS huge (n int)");
    const queries = [{ query: "INSERT INTO huge VALUES (1)" }, { query: `SELECT repeat('"', 6000000)` }];
    expect((await post(bed, { queries })).status).toBe(507);
    expect((await bed.direct.query("SELECT * FROM huge")).rows).toEqual([]);
  });
});

describe("other requests", () => {
  test("OPTIONS /sql is a preflight", async () => {
    const { status, headers } = await fetch(`${bed.proxy.url}/sql`, { method: "OPTIONS" });
    expect([status, headers.get("allow"), headers.get("access-control-max-age")]).toEqual([
      200,
      "OPTIONS, POST",
      "86400",
    ]);
    expect(headers.get("access-control-allow-headers")).toContain("Neon-Connection-String");
  });

  test.each(["GET /sql", "POST /other", "GET /"])("%s is 400 with a JSON string", async (route) => {
    const [method = "", path = ""] = route.split(" ");
    const response = await fetch(`${bed.proxy.url}${path}`, { method });
    expect([response.status, await response.json()]).toEqual([400, "query is not supported"]);
  });
});
