import { join } from "node:path";
import getPort from "get-port";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleEntry } from "../../bench/bundleEntry.ts";
import { classify } from "../../src/database/classify.ts";
import { query, type Value } from "../../src/database/query.ts";
import { TransportFailure } from "../../src/database/transport.ts";
import { type LocalWorker, startWorker } from "../../tools/local/startWorker.ts";
import { type NeonProxy, startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";
import { startTestCluster } from "./support/cluster.ts";
import { type Outcome, rowsOf, type Step, type TransportName } from "./support/transportScript.ts";

const ENTRY = "test/cluster/support/transportWorker.ts";

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let direct: Client;
let proxy: NeonProxy;
let worker: LocalWorker;

beforeAll(async () => {
  bed = await startTestCluster();
  const nodes = await bed.cluster.nodes();
  const deadPort = await getPort({ host: "127.0.0.1" });
  const { connectionString } = await bed.cluster.resolve("primary");
  direct = new Client({ connectionString });
  await direct.connect();
  await direct.query(`CREATE TABLE films (
    id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,
    title text CONSTRAINT films_title_check CHECK (title <> '')
  )`);
  proxy = await startNeonProxy({
    resolve: (label) =>
      label === "dead" ? { host: "127.0.0.1", port: deadPort } : nodes.find(({ name }) => name === label),
  });
  worker = await startWorker({
    bundle: await bundleEntry(ENTRY, join(bed.root, "bundle")),
    environment: { NEON_ENDPOINT: `${proxy.url}/sql` },
    port: 0,
    hyperdrives: {
      ...Object.fromEntries(nodes.map((node) => [node.name, node.connectionString])),
      dead: `postgres://breakwater:breakwater@127.0.0.1:${deadPort}/marketplace`,
    },
  });
});
afterAll(async () => {
  await worker?.close();
  await proxy?.close();
  await direct?.end();
  await bed?.stop();
});
beforeEach(async () => {
  // A batch that a test left running would hold the table.
  await direct.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'",
  );
  await direct.query("TRUNCATE films");
});

const ask = (text: string, values: readonly Value[] = []) => query("test", text, values);

/** Each value, how it is written in SQL, and what every transport must give for it. */
const VALUES: readonly (readonly [type: string, sql: string, given: unknown])[] = [
  ["boolean", "true", true],
  ["boolean, false", "false", false],
  ["null", "NULL::int", null],
  ["smallint", "(-32768)::int2", -32_768],
  ["integer", "2147483647", 2_147_483_647],
  ["bigint", "9007199254740993::int8", "9007199254740993"],
  ["numeric", "12345678901234567890.12::numeric", "12345678901234567890.12"],
  ["real", "0.1::float4", 0.1],
  ["double precision", "1e300::float8", 1e300],
  ["not a number", "'NaN'::float8", { number: "NaN" }],
  ["infinity", "'-Infinity'::float8", { number: "-Infinity" }],
  ["text", "'größe \"x\" \\ ''y'' 🎬'", "größe \"x\" \\ 'y' 🎬"],
  ["empty text", "''::text", ""],
  ["char", `'w'::"char"`, "w"],
  ["uuid", "'01890A5D-AC96-774B-BCCE-B302099A8057'::uuid", "01890a5d-ac96-774b-bcce-b302099a8057"],
  ["timestamptz", "'2026-11-24 23:30:00.123+02'::timestamptz", "2026-11-24T21:30:00.123Z"],
  ["timestamptz before 1970", "'1937-01-02 03:04:05+00'::timestamptz", "1937-01-02T03:04:05.000Z"],
  ["timestamp", "'2026-11-24 21:30:00'::timestamp", "2026-11-24T21:30:00.000Z"],
  ["timestamp at infinity", "'infinity'::timestamptz", "infinity"],
  ["date", "'2026-11-24'::date", "2026-11-24"],
  ["interval", "'1 day 2 hours'::interval", "1 day 02:00:00"],
  ["json", `'{"a": [1, null, "x"]}'::json`, { a: [1, null, "x"] }],
  ["jsonb", `'{"b": {"c": 1.5}}'::jsonb`, { b: { c: 1.5 } }],
  ["json text", `'"2026-11-24T21:30:00Z"'::jsonb`, "2026-11-24T21:30:00Z"],
  ["bytea", "'\\xff00'::bytea", "\\xff00"],
  [
    "text array",
    `ARRAY['a', 'b,c', 'd"e', 'f\\g', NULL, 'NULL', '', ' ']`,
    ["a", "b,c", 'd"e', "f\\g", null, "NULL", "", " "],
  ],
  ["empty text array", "'{}'::text[]", []],
  ["uuid array", "ARRAY['01890a5d-ac96-774b-bcce-b302099a8057']::uuid[]", ["01890a5d-ac96-774b-bcce-b302099a8057"]],
  ["xid8", "'7'::xid8", "7"],
];

/** What is bound, and the text that Postgres must then have. */
const BOUND: readonly (readonly [what: string, bound: Value, text: string | null])[] = [
  ["text", "größe '\" \\ 🎬", "größe '\" \\ 🎬"],
  ["empty text", "", ""],
  ["an integer", 42, "42"],
  ["a fraction", -1.5, "-1.5"],
  ["a large number", 1e21, "1e+21"],
  ["true", true, "true"],
  ["false", false, "false"],
  ["null", null, null],
  ["a list", ["a", 'b"c', "d\\e", "f,g", null, 1, "NULL", ""], '{"a","b\\"c","d\\\\e","f,g",NULL,"1","NULL",""}'],
  ["an empty list", [], "{}"],
];

describe.each(["neon", "hyperdrive"] as const)("the %s transport", (transport: TransportName) => {
  async function run(steps: readonly Step[], node = "node-1"): Promise<Outcome[]> {
    const response = await fetch(worker.url, { method: "POST", body: JSON.stringify({ transport, node, steps }) });
    if (response.status !== 200) throw new Error(`the test's Worker answered ${await response.text()}`);
    return (await response.json()) as Outcome[];
  }
  const titles = async () => (await direct.query("SELECT id, title FROM films ORDER BY id")).rows;
  const insert = (id: number, title: string) => ask("INSERT INTO films VALUES ($1, $2)", [id, title]);
  const judged = (outcome: Outcome | undefined) => {
    const { failure } = outcome ?? {};
    if (!failure) throw new Error(`the step did not fail but answered ${JSON.stringify(outcome)}`);
    const { kind, message, ...details } = failure;
    return classify(new TransportFailure(kind, message, details), { timedOut: false, onReplica: false });
  };

  it("gives every type as promised, with and without parameters", async () => {
    const list = VALUES.map(([, sql]) => sql).join(", ");
    const [bare, bound] = await run([{ query: ask(`SELECT ${list}`) }, { query: ask(`SELECT ${list}, $1`, ["x"]) }]);
    const wanted = VALUES.map(([type, , given]) => [type, given]);
    const named = (outcome: Outcome | undefined) =>
      rowsOf(outcome)[0]?.map((value, index) => [VALUES[index]?.[0], value]);
    expect(named(bare)).toEqual(wanted);
    expect(named(bound)?.slice(0, -1)).toEqual(wanted);
  });

  it("binds every value as text of the type that the statement wants", async () => {
    const [outcome] = await run([
      {
        query: ask(
          `SELECT ${BOUND.map((_, index) => `$${index + 1}::text`).join(", ")}`,
          BOUND.map(([, value]) => value),
        ),
      },
    ]);
    const given = rowsOf(outcome)[0]?.map((value, index) => [BOUND[index]?.[0], value]);
    expect(given).toEqual(BOUND.map(([what, , text]) => [what, text]));
  });

  it("tells columns, command and count, of rows and of changes", async () => {
    const [changed, none, inserted] = await run([
      { query: ask("INSERT INTO films VALUES (1, 'Jaws'), (2, 'Alien') RETURNING id, title AS name") },
      { query: ask("SELECT id FROM films WHERE id = $1", [9]) },
      { query: ask("UPDATE films SET title = $1", ["Heat"]) },
    ]);
    expect(changed?.value).toEqual({
      columns: ["id", "name"],
      rows: [
        [1, "Jaws"],
        [2, "Alien"],
      ],
      command: "INSERT",
      rowCount: 2,
    });
    expect(none?.value).toEqual({ columns: ["id"], rows: [], command: "SELECT", rowCount: 0 });
    expect(inserted?.value).toEqual({ columns: [], rows: [], command: "UPDATE", rowCount: 2 });
  });

  it("commits a batch as one READ COMMITTED transaction", async () => {
    const facts = "SELECT pg_current_xact_id(), current_setting('transaction_isolation')";
    const [outcome] = await run([{ batch: [ask(facts), insert(1, "Jaws"), ask(facts)] }]);
    const [first, , last] = (outcome?.value ?? []) as { rows: unknown[][] }[];
    expect(first?.rows[0]?.[1]).toBe("read committed");
    expect(last?.rows).toEqual(first?.rows);
    expect(await titles()).toEqual([{ id: 1, title: "Jaws" }]);
  });

  it("answers an empty batch with no results", async () => {
    expect(await run([{ batch: [] }])).toEqual([{ value: [] }]);
  });

  it("rolls a batch back when a statement in its middle fails, and tells the first failure", async () => {
    const [failed, next] = await run([
      { batch: [insert(1, "Jaws"), insert(2, ""), ask("SELECT 1 / 0"), insert(3, "Alien")] },
      { query: ask("SELECT count(*)::int FROM films") },
    ]);
    expect(failed?.failure).toMatchObject({
      kind: "sql",
      sqlstate: "23514",
      constraint: "films_title_check",
      table: "films",
    });
    expect(rowsOf(next)).toEqual([[0]]);
  });

  it("notices a constraint that fails at COMMIT", async () => {
    const [failed] = await run([{ batch: [insert(1, "Jaws"), insert(1, "Alien")] }]);
    expect(failed?.failure).toMatchObject({ kind: "sql", sqlstate: "23505", constraint: "films_pkey" });
    expect(await titles()).toEqual([]);
  });

  it("ends the wait at once when its signal aborts, and answers the next statement all the same", async () => {
    const started = performance.now();
    const [before, aborted, after] = await run([
      { query: ask("SELECT pg_backend_pid()") },
      { query: ask("SELECT pg_sleep(10)"), abortAfterMs: 150 },
      { query: ask("SELECT pg_backend_pid()") },
    ]);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(aborted?.failure?.kind).toBe("aborted");
    expect(rowsOf(after)[0]?.[0]).toBeTypeOf("number");
    // The endpoint keeps connections of its own and may use a cancelled one again; a socket that waits may not be.
    if (transport === "hyperdrive") expect(rowsOf(after)).not.toEqual(rowsOf(before));
  });

  it("calls the effect of a batch unknown that was aborted while it ran", async () => {
    const [aborted] = await run([{ batch: [insert(1, "Jaws"), ask("SELECT pg_sleep(1)")], abortAfterMs: 150 }]);
    expect(judged(aborted)).toEqual({ class: "abort", effect: "unknown" });
  });

  it("ends the wait for a frozen node, and closes what it began", async () => {
    await bed.cluster.pause("node-3");
    const started = performance.now();
    try {
      const [first, second] = await run(
        [
          { query: ask("SELECT 1"), abortAfterMs: 150 },
          { query: ask("SELECT 1"), abortAfterMs: 150 },
        ],
        "node-3",
      );
      // Through Hyperdrive it is known that nothing was sent; an HTTP endpoint leaves that open.
      const kind = transport === "hyperdrive" ? "connect" : "aborted";
      expect([first?.failure?.kind, second?.failure?.kind]).toEqual([kind, kind]);
      expect(performance.now() - started).toBeLessThan(3_000);
    } finally {
      await bed.cluster.resume("node-3");
    }
  });

  it("calls the effect unknown when the connection is killed in the middle of a batch", async () => {
    const running = run([
      { batch: [insert(1, "Jaws"), ask("SELECT pg_sleep(10), 'killed batch'")] },
      { query: ask("SELECT 'next'") },
    ]);
    await until(async () => {
      const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE '%killed batch%' AND wait_event = 'PgSleep' AND pid <> pg_backend_pid()`;
      return (await direct.query(kill)).rowCount === 1;
    });
    const [killed, next] = await running;
    expect(judged(killed)).toEqual({ class: "infrastructure", effect: "unknown" });
    expect(rowsOf(next)).toEqual([["next"]]);
    expect(await titles()).toEqual([]);
  });

  it("calls a port where nobody listens the infrastructure's failure", async () => {
    const [refused] = await run([{ query: ask("SELECT 1") }], "dead");
    expect(judged(refused).class).toBe("infrastructure");
    if (transport === "hyperdrive") expect(refused?.failure?.kind).toBe("connect");
  });

  it.each([
    ["without values", ask("INSERT INTO films VALUES (1, 'Jaws'); INSERT INTO films VALUES (2, 'Alien')")],
    ["with values", ask("INSERT INTO films VALUES ($1, 'Jaws'); INSERT INTO films VALUES (2, 'Alien')", [1])],
  ])("refuses two statements in one text, %s", async (_, both) => {
    const outcomes = await run([{ query: both }, { batch: [both] }]);
    expect(outcomes.map(({ failure }) => failure?.sqlstate)).toEqual(["42601", "42601"]);
    expect(await titles()).toEqual([]);
  });

  it.each([
    ["too few", ask("SELECT $1::int, $2::int", [1])],
    ["too many", ask("SELECT $1::int", [1, 2])],
    ["unwanted", ask("SELECT 1", [1])],
    ["none", ask("SELECT $1::int")],
  ])("refuses %s parameters as the caller's mistake, and goes on", async (_, wrong) => {
    const [refused, next] = await run([{ query: wrong }, { query: ask("SELECT 'next'") }]);
    expect(refused?.failure).toMatchObject({ kind: "sql", sqlstate: "08P01" });
    expect(judged(refused)).toEqual({ class: "caller", effect: "none" });
    expect(rowsOf(next)).toEqual([["next"]]);
  });

  it("tells a standby's refusal to write", async () => {
    const [refused] = await run([{ batch: [insert(1, "Jaws")] }], "node-2");
    expect(judged(refused)).toEqual({ class: "role", effect: "none" });
  });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error("waited ten seconds in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
