import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../../src/database/uuid.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { startTestCluster } from "./support/cluster.ts";

const KEY = "\\x01";
const PRINT = "\\x02";

describe("the core's SQL functions", () => {
  let bed: Awaited<ReturnType<typeof startTestCluster>>;
  let a: Client;
  let b: Client;

  beforeAll(async () => {
    bed = await startTestCluster();
    await migrate({ connectionString: (await bed.cluster.resolve("primary")).connectionString, sets: ["breakwater"] });
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    const { connectionString } = await bed.cluster.resolve("primary");
    a = new Client({ connectionString });
    b = new Client({ connectionString });
    await a.connect();
    await b.connect();
    await a.query("TRUNCATE breakwater.requests");
  });
  afterEach(async () => {
    await a.end();
    await b.end();
  });

  const mark = (client: Client, id: string, epoch = 1) =>
    client.query("SELECT breakwater.mark($1, $2, $3)", [id, ["t"], epoch]);
  const claim = async (client: Client, id: string, epoch = 1) =>
    (await client.query("SELECT breakwater.claim($1, $2, $3) AS outcome", [id, ["t"], epoch])).rows[0]?.outcome;
  const begin = (client: Client, id: string, timeoutMs = 5_000) =>
    client.query("SELECT breakwater.begin_write($1, $2, 1, $3, $4, $5)", [id, ["t"], timeoutMs, KEY, PRINT]);

  it("calls a committed write committed, to everybody and again", async () => {
    const id = uuidv7(Date.now());
    await mark(a, id);
    expect([await claim(a, id), await claim(b, id)]).toEqual(["committed", "committed"]);
  });

  it("makes an original fail that comes after its claim", async () => {
    const id = uuidv7(Date.now());
    expect(await claim(b, id)).toBe("void");
    await expect(mark(a, id)).rejects.toMatchObject({ code: "23505" });
    expect(await claim(a, id)).toBe("void");
  });

  it("lets a claim wait for the original that still runs", async () => {
    for (const [end, outcome] of [
      ["COMMIT", "committed"],
      ["ROLLBACK", "void"],
    ] as const) {
      const id = uuidv7(Date.now());
      await a.query("BEGIN");
      await mark(a, id);
      const claimed = claim(b, id);
      await a.query(end);
      expect(await claimed).toBe(outcome);
    }
  });

  it("gives every claimant the same answer, the true one, however original and claims race", async () => {
    const { connectionString } = await bed.cluster.resolve("primary");
    const c = new Client({ connectionString });
    await c.connect();
    const outcomes = new Set<string>();
    for (let race = 0; race < 60; race++) {
      const id = uuidv7(Date.now());
      // Every second original is surely ahead of the claims; the others race them. Every third is rolled back.
      const isAhead = race % 2 === 0;
      const marked = Promise.withResolvers<void>();
      const original = async () => {
        for (let turn = 0; !isAhead && turn < race % 4; turn++) await a.query("SELECT 1");
        await a.query("BEGIN");
        const end = await mark(a, id).then(
          () => (race % 3 === 0 ? "ROLLBACK" : "COMMIT"),
          () => "ROLLBACK",
        );
        marked.resolve();
        await a.query(end);
        return end === "COMMIT" ? "committed" : "void";
      };
      const claimed = async (client: Client) => {
        if (isAhead) await marked.promise;
        return claim(client, id);
      };
      const [truth, ...claims] = await Promise.all([original(), claimed(b), claimed(c)]);
      expect([...claims, await claim(a, id)]).toEqual([truth, truth, truth]);
      outcomes.add(truth);
    }
    await c.end();
    expect([...outcomes].sort()).toEqual(["committed", "void"]);
  });

  it("refuses a writer of another epoch, and a standby, before anything else", async () => {
    await expect(mark(a, uuidv7(Date.now()), 2)).rejects.toMatchObject({ code: "BW001" });
    const standby = new Client({ connectionString: (await bed.cluster.resolve("replica")).connectionString });
    await standby.connect();
    await expect(mark(standby, uuidv7(Date.now()))).rejects.toMatchObject({ code: "BW001" });
    await standby.end();
  });

  it("refuses a mark that is more than ten minutes off, and calls a claim of a forgotten day expired", async () => {
    await expect(mark(a, uuidv7(Date.now() - 700_000))).rejects.toMatchObject({ code: "BW002" });
    expect(await claim(a, uuidv7(Date.now() - 5 * 86_400_000))).toBe("expired");
  });

  it("lets the second write of a key wait for the first, and refuses it when that committed", async () => {
    await a.query("BEGIN");
    await begin(a, uuidv7(Date.now()));
    const refused = expect(begin(b, uuidv7(Date.now()))).rejects.toMatchObject({ code: "BW003" });
    await a.query("COMMIT");
    await refused;
  });

  it("lets the second write of a key proceed when the first was rolled back", async () => {
    await a.query("BEGIN");
    await begin(a, uuidv7(Date.now()));
    const second = begin(b, uuidv7(Date.now()));
    await a.query("ROLLBACK");
    await expect(second).resolves.toBeDefined();
  });

  it("ends the second write of a key when its patience is over", async () => {
    await a.query("BEGIN");
    await begin(a, uuidv7(Date.now()));
    await expect(begin(b, uuidv7(Date.now()), 100)).rejects.toMatchObject({ code: "55P03" });
    await a.query("ROLLBACK");
  });

  it("makes partitions for the days to come, by any number of callers at once", async () => {
    const ensure = (client: Client) => client.query("SELECT breakwater.ensure_partitions(10)");
    await Promise.all([ensure(a), ensure(b)]);
    const { rows } = await a.query(
      "SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'breakwater.marks'::regclass",
    );
    expect(rows[0]?.n).toBe(12);
  });

  it("makes partitions beside a writer that was left open, and keeps nobody from reading marks meanwhile", async () => {
    const id = uuidv7(Date.now());
    await a.query("BEGIN");
    await mark(a, id);
    await b.query("SET statement_timeout = '5s'");
    await b.query("BEGIN");
    const { rows } = await b.query("SELECT breakwater.ensure_partitions(12) AS made");
    expect(rows[0]?.made).toBe(2);
    // `b` still holds what locks it took: a reader beside it must not queue.
    await a.query("SET LOCAL statement_timeout = '5s'");
    expect((await a.query("SELECT 1 FROM breakwater.marks WHERE id = $1", [id])).rowCount).toBe(1);
    await a.query("COMMIT");
    await b.query("COMMIT");
  });

  it("asks for the epoch before it waits for a key", async () => {
    await a.query("BEGIN");
    await begin(a, uuidv7(Date.now()));
    const elsewhere = b.query("SELECT breakwater.begin_write($1, $2, 2, 5000, $3, $4)", [
      uuidv7(Date.now()),
      ["t"],
      KEY,
      PRINT,
    ]);
    await expect(elsewhere).rejects.toMatchObject({ code: "BW001" });
    await a.query("ROLLBACK");
  });

  it("ends a write batch that outlives its time, and keeps nothing of it", async () => {
    const id = uuidv7(Date.now());
    const slow = new Client({ connectionString: (await bed.cluster.resolve("primary")).connectionString });
    slow.on("error", () => {}); // transaction_timeout ends the session
    await slow.connect();
    await slow.query("BEGIN");
    await begin(slow, id, 200);
    await expect(slow.query("SELECT pg_sleep(10)")).rejects.toMatchObject({ code: "25P04" });
    expect(await claim(a, id)).toBe("void");
    expect((await a.query("SELECT 1 FROM breakwater.requests")).rowCount).toBe(0);
  });

  it("is not misled by a caller's search_path", async () => {
    await a.query("CREATE SCHEMA IF NOT EXISTS hostile");
    await a.query(`CREATE OR REPLACE FUNCTION hostile.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE OR REPLACE FUNCTION hostile.substr(text, int, int) RETURNS text LANGUAGE sql AS $$ SELECT 'ffff' $$`);
    await a.query("SET search_path = hostile, pg_catalog");
    const id = uuidv7(Date.now());
    await mark(a, id);
    expect(await claim(a, id)).toBe("committed");
    const { rows } = await a.query("SELECT breakwater.ms($1)::text AS ms", [id]);
    expect(rows[0]?.ms).toBe(String(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)));
  });

  it("refuses a mark that no partition takes as a check violation of marks without a constraint's name", async () => {
    const { rows } = await a.query(
      "SELECT relid::text AS name FROM pg_partition_tree('breakwater.marks') WHERE isleaf",
    );
    await a.query("BEGIN");
    for (const { name } of rows) await a.query(`DROP TABLE ${name}`);
    const refused = await mark(a, uuidv7(Date.now())).catch((error) => error);
    await a.query("ROLLBACK");
    expect([refused.code, refused.table, refused.constraint]).toEqual(["23514", "marks", undefined]);
  });
});
