import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { until } from "../../tools/cluster/processes.ts";
import { type AdviseOptions, advise } from "../../tools/indexes/advise/advise.ts";
import { takeBaseline } from "../../tools/indexes/report/takeBaseline.ts";
import { startTestCluster } from "./support/cluster.ts";

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let url: string;
let replica: string;
const clients: Client[] = [];

beforeAll(async () => {
  bed = await startTestCluster();
  const nodes = await bed.cluster.nodes();
  url = nodes.find(({ role }) => role === "primary")?.connectionString ?? "";
  replica = nodes.find(({ role }) => role === "replica")?.connectionString ?? "";
});
afterAll(async () => {
  await Promise.allSettled(clients.map((client) => client.end()));
  await bed.stop();
});

/** The same server, another database. */
const at = (database: string, of = url) => of.replace(/[^/]+$/, database);

async function open(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  clients.push(client);
  return client;
}

const look = (database: string, options: Partial<AdviseOptions> = {}) =>
  advise({ connectionString: at(database), entries: ENTRIES, ...options });

describe("advice on a database that is not as expected", () => {
  let server: Client;
  /** Another application's: names that need quotes, an enum, a generated column, a hundred columns. */
  const OTHERS = `
    CREATE EXTENSION pg_stat_statements SCHEMA public;
    CREATE SCHEMA "My App";
    CREATE TYPE "My App"."Mood" AS ENUM ('good', 'bad');
    CREATE TABLE "My App"."Order Lines" (
      "lineId" int PRIMARY KEY, "orderKind" varchar(20), "order" int, mood "My App"."Mood" NOT NULL, "At" timestamptz,
      doubled int GENERATED ALWAYS AS ("order" * 2) STORED, pad text
    );
    INSERT INTO "My App"."Order Lines" ("lineId", "orderKind", "order", mood, "At", pad)
      SELECT n, 'kind ' || n % 500, n % 50, (CASE WHEN n % 40 = 3 THEN 'bad' ELSE 'good' END)::"My App"."Mood", now() - n * interval '1s', repeat('x', 50)
      FROM generate_series(1, 30000) n;
    CREATE INDEX "By ON order" ON "My App"."Order Lines" ("lineId", "order");
    CREATE TABLE public.pitches (id int PRIMARY KEY, "not ours" text);
    CREATE TABLE public.wide (${Array.from({ length: 100 }, (_, at) => `c${at} int`).join(", ")});
    INSERT INTO public.wide (c0, c50, c99) SELECT n, n % 900, n % 800 FROM generate_series(1, 30000) n;
    ANALYZE;`;
  const ASKED = [
    `SELECT "lineId" FROM "My App"."Order Lines" AS "L" WHERE "L"."orderKind" = 'kind 3' ORDER BY "L"."At" DESC LIMIT 5`,
    `SELECT doubled FROM "My App"."Order Lines" WHERE "order" = 3 AND mood = 'bad'`,
    "SELECT c0 FROM public.wide WHERE c50 = 7 AND c99 = 8",
  ];

  beforeAll(async () => {
    server = await open(at("postgres"));
    await server.query("CREATE DATABASE others");
    const others = await open(at("others"));
    await others.query(OTHERS);
    await others.query(
      "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()",
    );
    for (const text of ASKED) for (let time = 0; time < 5; time++) await others.query(text);
    await others.end();
  });

  it("works on another application's database, its tables copied with their quotes, types and keys", async () => {
    const { findings, notes } = await look("others", { clone: { kind: "copy" } });
    const missing = findings.filter(({ kind }) => kind === "missing");
    expect(missing.map(({ command }) => command).sort()).toEqual([
      `CREATE INDEX CONCURRENTLY order_lines_order_mood_idx ON "My App"."Order Lines" ("order", mood);`,
      `CREATE INDEX CONCURRENTLY order_lines_orderkind_at_idx ON "My App"."Order Lines" ("orderKind", "At" DESC);`,
      "CREATE INDEX CONCURRENTLY wide_c50_c99_idx ON wide (c50, c99);",
    ]);
    expect(new Set(missing.map(({ certainty }) => certainty))).toEqual(new Set(["proven"]));
    expect(notes.join("\n")).toContain(
      "The application's own queries were not run on the clone. The database lacks the column user_id",
    );
    const others = await open(at("others"));
    for (const { command } of missing) await others.query(command); // they can be pasted as they are
    expect((await look("others")).findings.filter(({ kind }) => kind === "missing")).toEqual([]);
  });

  it("says in one sentence what it cannot copy", async () => {
    await server.query("CREATE DATABASE uncopied");
    const uncopied = await open(at("uncopied"));
    await uncopied.query(`CREATE EXTENSION pg_stat_statements SCHEMA public;
      CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
      CREATE TABLE big (n int, pad text); CREATE INDEX big_twice ON big (twice(n));
      INSERT INTO big SELECT n, repeat('x', 50) FROM generate_series(1, 30000) n; ANALYZE`);
    for (let time = 0; time < 5; time++) await uncopied.query("SELECT n FROM big WHERE pad = 'y'");
    await expect(look("uncopied", { clone: { kind: "copy" } })).rejects.toThrow(
      "The database could not be copied to this machine. The index public.big_twice cannot be made in a copy: " +
        "the Postgres of the copy has no twice(integer). Or give a branch as --clone-url.",
    );
  });

  it("leaves nothing behind when a copy is interrupted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "breakwater-interrupted-"));
    const words = ["tools/cli.ts", "indexes", "advise", "--copy", "--database-url", at("uncopied")];
    const child = spawn(process.execPath, words, { env: { ...process.env, TMPDIR: folder } });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const exit = once(child, "exit");
    expect(await until(async () => said.includes("copying public.big"), 20_000), said).toBe(true);
    child.kill("SIGINT");
    expect((await exit)[0]).toBe(130);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it("finds nothing in an empty database, and says what was not looked at", async () => {
    await server.query("CREATE DATABASE nothing");
    const { findings, notes } = await look("nothing", { clone: { kind: "copy" } });
    expect(findings).toEqual([]);
    expect(notes).toHaveLength(2);
  });

  it("says to a role without rights which rights it lacks", async () => {
    await server.query("CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
    const stranger = at("others").replace("breakwater:breakwater@", "stranger:stranger@");
    const { notes } = await advise({ connectionString: stranger, entries: ENTRIES });
    expect(notes).toContain("Other roles' statements are hidden: `GRANT pg_read_all_stats TO` this one.");
    await server.query("GRANT pg_read_all_stats TO stranger");
    const seeing = await advise({ connectionString: stranger, entries: [], clone: { kind: "copy" } });
    expect(seeing.notes.join("\n")).toMatch(/Not planned without their values \(.*rights on their tables\): "SELECT/);
    await expect(takeBaseline({ connectionString: stranger, label: "x", runs: 1, hasWrites: false })).rejects.toThrow(
      /^The database has no sessions: it is another application's/,
    );
  });

  it("refuses a replica that is none, and says of a clone what it lacks", async () => {
    await expect(look("uncopied", { replicas: [at("others")] })).rejects.toThrow(/ is no standby: /);
    const stranger = at("others").replace("breakwater:breakwater@", "stranger:stranger@");
    const { notes } = await look("uncopied", { clone: { kind: "url", url: stranger } });
    expect(notes.join("\n")).toContain("The application's own queries were not run on the clone. The database has no");
    expect(notes.join("\n")).toMatch(
      /"SELECT n FROM big.*" was not run on the clone\. The database has no public\.big:/,
    );
  });

  it("refuses a clone that is a standby", async () => {
    const clone = { kind: "url", url: at("others", replica) } as const;
    await expect(look("uncopied", { clone })).rejects.toThrow(/^The clone is a standby/);
  });

  it.each([
    ["foo", "The database URL is not postgres://user:password@host:port/database."],
    ["mysql://a:b@localhost/x", "The database URL is not postgres://user:password@host:port/database."],
    [
      "postgres://a:b@nosuch.invalid/x",
      /^Cannot connect to nosuch.invalid:5432: (that host is not known|its name could not)/,
    ],
    ["postgres://a:b@ep-x-pooler.example/x", /is a pooler: give the direct address/],
  ])("refuses the address %s in a sentence", async (connectionString, sentence) => {
    await expect(advise({ connectionString, entries: [] })).rejects.toThrow(sentence);
  });

  it("refuses a database that is not there, and a clone that is not, by their names", async () => {
    await expect(look("nosuch")).rejects.toThrow(/there is no database of that name/);
    const clone = { kind: "url", url: "nonsense" } as const;
    await expect(look("uncopied", { clone })).rejects.toThrow(/^The clone's URL is not postgres:/);
  });
});
