import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Bed, startBed } from "./neon-proxy.bed.ts";

let bed: Bed;
beforeAll(async () => {
  bed = await startBed();
  neonConfig.fetchEndpoint = () => `${bed.proxy.url}/sql`;
  await bed.direct.query("CREATE TABLE films (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, title text)");
});
beforeEach(() => bed.direct.query("TRUNCATE films"));
afterAll(() => bed.stop());

test("the driver parses values as it does from Neon", async () => {
  const sql = neon(bed.connectionString);
  const rows = await sql`SELECT 1 AS int, 2::int8 AS big, true AS yes, NULL AS none, ${"a"} AS text, ${42} AS untyped,
    '2024-01-02T03:04:05Z'::timestamptz AS at, '{"a":1}'::jsonb AS json, ARRAY[1, 2] AS list, '\\xff00'::bytea AS bytes`;
  expect(rows).toEqual([
    {
      int: 1,
      big: "2",
      yes: true,
      none: null,
      text: "a",
      untyped: "42",
      at: new Date("2024-01-02T03:04:05Z"),
      json: { a: 1 },
      list: [1, 2],
      bytes: Buffer.from([255, 0]),
    },
  ]);
});

test("the driver sends bytes, arrays and objects so that Postgres reads them", async () => {
  const sql = neon(bed.connectionString);
  const rows =
    await sql`SELECT ${Buffer.from("hi")}::bytea AS bytes, ${[1, null]}::int[] AS list, ${{ a: 1 }}::jsonb AS json`;
  expect(rows).toEqual([{ bytes: Buffer.from("hi"), list: [1, null], json: { a: 1 } }]);
});

test("the driver's full results and array mode work", async () => {
  const sql = neon(bed.connectionString, { arrayMode: true, fullResults: true });
  const result = await sql.query("INSERT INTO films VALUES ($1, $2) RETURNING id", [1, "Jaws"]);
  expect(result).toMatchObject({ command: "INSERT", rowCount: 1, rowAsArray: true, rows: [[1]] });
  expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([["id", 23]]);
});

test("the driver throws Postgres' own fields", async () => {
  const sql = neon(bed.connectionString);
  await sql`INSERT INTO films VALUES (1, 'Jaws')`;
  const error = await sql`INSERT INTO films VALUES (1, 'Jaws')`.catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(NeonDbError);
  expect(error).toMatchObject({ code: "23505", constraint: "films_pkey", table: "films", severity: "ERROR" });
});

test("a batch is one transaction with the options asked for, and the answer repeats them", async () => {
  const sql = neon(bed.connectionString);
  const seen: Headers[] = [];
  neonConfig.fetchFunction = async (url: string, init: RequestInit) => {
    const response = await fetch(url, init);
    seen.push(response.headers);
    return response;
  };
  const show = (setting: string) => sql.query(`SELECT current_setting('transaction_${setting}') AS value`);
  try {
    const options = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
    const results = await sql.transaction([show("isolation"), show("read_only"), show("deferrable")], options);
    expect(results).toEqual([[{ value: "serializable" }], [{ value: "on" }], [{ value: "on" }]]);
    await sql.transaction([show("isolation")]);
  } finally {
    neonConfig.fetchFunction = undefined;
  }
  const echoed = seen.map((headers) => {
    return ["isolation-level", "read-only", "deferrable"].map((name) => headers.get(`neon-batch-${name}`));
  });
  expect(echoed).toEqual([
    ["Serializable", "true", "true"],
    [null, null, null],
  ]);
});

test.each(["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"] as const)(
  "a batch runs at %s",
  async (isolationLevel) => {
    const sql = neon(bed.connectionString);
    const [rows] = await sql.transaction([sql`SELECT current_setting('transaction_isolation') AS level`], {
      isolationLevel,
    });
    expect(rows?.[0]?.level.replaceAll(" ", "")).toBe(isolationLevel.toLowerCase());
  },
);

test("a batch shares one snapshot of time and one transaction", async () => {
  const sql = neon(bed.connectionString);
  const id = () => sql`SELECT pg_current_xact_id()::text AS xid, now()::text AS at`;
  const [first, second] = await sql.transaction([id(), id()]);
  expect(first).toEqual(second);
});

test("an empty batch is an empty list", async () => {
  expect(await neon(bed.connectionString).transaction([])).toEqual([]);
});

test("a failing statement rolls the batch back, and what follows it never runs", async () => {
  const sql = neon(bed.connectionString);
  await bed.direct.query("CREATE SEQUENCE ran");
  const batch = sql.transaction([
    sql`INSERT INTO films VALUES (1, 'Jaws')`,
    sql`SELECT 1 / 0`,
    // Neither a way out of the transaction nor anything that a rollback leaves behind may be reached.
    sql`ROLLBACK`,
    sql`SELECT nextval('ran')`,
    sql`INSERT INTO films VALUES (2, 'Alien')`,
  ]);
  await expect(batch).rejects.toMatchObject({ code: "22012" });
  expect((await bed.direct.query("SELECT * FROM films")).rows).toEqual([]);
  expect((await bed.direct.query("SELECT is_called FROM ran")).rows).toEqual([{ is_called: false }]);
});

test("a failure at COMMIT is the batch's failure", async () => {
  const sql = neon(bed.connectionString);
  const insert = () => sql`INSERT INTO films VALUES (1, 'Jaws')`;
  await expect(sql.transaction([insert(), insert()])).rejects.toMatchObject({ code: "23505" });
  expect((await bed.direct.query("SELECT * FROM films")).rows).toEqual([]);
});

test("a statement refused in a read-only batch is 25006", async () => {
  const sql = neon(bed.connectionString);
  const batch = sql.transaction([sql`INSERT INTO films VALUES (1, 'Jaws')`], { readOnly: true });
  await expect(batch).rejects.toMatchObject({ code: "25006" });
});

test("parameters of the connection string reach the session", async () => {
  const sql = neon(`${bed.connectionString}?sslmode=require&application_name=a%20b&options=-c%20work_mem%3D1MB`);
  const [row] = await sql`SELECT current_setting('application_name') AS name, current_setting('work_mem') AS mem`;
  expect(row).toEqual({ name: "a b", mem: "1MB" });
});

test("the driver gives a sentence with the status for what is no 400", async () => {
  const sql = neon(bed.connectionString.replace("node-1", "node-dead"));
  await expect(sql`SELECT 1`).rejects.toThrow("Server error (HTTP status 500)");
});
