import { Client, type QueryArrayResult } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { provable, proven } from "../../src/database/provable.ts";
import { type Query, query } from "../../src/database/query.ts";
import { uuidv7 } from "../../src/database/uuid.ts";
import type { Proof } from "../../src/replicas/session/proof.ts";
import { EMPTY_TOKEN, type Token } from "../../src/replicas/session/token.ts";
import { until } from "../../tools/cluster/processes.ts";
import { sampledQueries } from "../../tools/indexes/sampledQueries.ts";
import { takeSamples } from "../../tools/indexes/samples.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let primary: Client;
let standby: Client;

beforeAll(async () => {
  bed = await startTestCluster();
  const { connectionString } = await bed.cluster.resolve("primary");
  await migrate({ connectionString });
  await seed({ connectionString, pitches: 500, seed: 1 });
});
afterAll(() => bed.stop());
beforeEach(async () => {
  [primary, standby] = [await open("primary"), await open("node-2")];
});
afterEach(async () => {
  await primary.end();
  await standby.end();
});

async function open(node: string): Promise<Client> {
  const { connectionString } = await bed.cluster.resolve(node);
  const client = new Client({ connectionString });
  client.on("error", () => {}); // a test ends its server
  await client.connect();
  return client;
}

async function ask(client: Client, { text, values }: Query): Promise<QueryArrayResult> {
  return client.query({ text, values: [...values], rowMode: "array" });
}

async function askProvably(client: Client, statement: Query, token: Token) {
  const { rows, fields, command, rowCount } = await ask(client, provable(statement, token));
  const columns = fields.map(({ name }) => name);
  const read = proven({ columns, rows, command, rowCount: rowCount ?? 0 }, token);
  if (!read) throw new Error("this answer has no proof");
  return read;
}

const proofOf = async (client: Client, token: Token = EMPTY_TOKEN): Promise<Proof> =>
  (await askProvably(client, query("test.nothing", "SELECT 1 WHERE false"), token)).proof;

async function mark(): Promise<string> {
  const id = uuidv7(Date.now());
  await primary.query("SELECT breakwater.mark($1, '{t}', 1)", [id]);
  return id;
}

const caughtUp = (id: string) =>
  until(async () => (await standby.query("SELECT FROM breakwater.marks WHERE id = $1", [id])).rowCount === 1, 5_000);

const tokenOf = (...ids: string[]): Token => ({ marks: ids.map((id) => ({ id, epoch: "1" })), seen: null });

describe("a read that proves itself", () => {
  it("answers every query of the application as the query alone does, columns, types and order", async () => {
    const samples = await takeSamples(primary);
    const reads = sampledQueries(samples).filter(({ kind }) => kind === "read");
    expect(reads.length).toBeGreaterThan(30);
    for (const { name, samples: of } of reads) {
      for (const { query: statement, label } of of) {
        const bare = await ask(primary, statement);
        const { answer } = await askProvably(primary, statement, tokenOf(uuidv7(Date.now())));
        expect(answer.columns, name).toEqual(bare.fields.map((field) => field.name));
        expect(answer.rows, `${name} ${label}`).toEqual(bare.rows);
      }
    }
  });

  it.each([
    ["no rows", "SELECT 1 AS n WHERE false", []],
    ["no columns", "SELECT FROM generate_series(1, 2)", [[], []]],
    ["columns named as the proof's", "SELECT 0 AS bw_proof, false AS bw_row", [[0, false]]],
    ["one name twice", "SELECT 1 AS n, 2 AS n", [[1, 2]]],
    ["nulls alone", "SELECT NULL AS n", [[null]]],
    ["a comment at its end", "SELECT 1 AS n -- and this", [[1]]],
    ["an order of its own", "SELECT n FROM generate_series(1, 3) n ORDER BY n DESC", [[3], [2], [1]]],
    ["a WITH of its own", "WITH a AS (SELECT 1 AS n) SELECT n FROM a UNION ALL SELECT 2 ORDER BY n", [[1], [2]]],
  ])("takes a query with %s", async (_what, text, rows) => {
    expect((await askProvably(standby, query("test.shape", text), EMPTY_TOKEN)).answer.rows).toEqual(rows);
  });

  it("says which of the session's writes it shows, a claim not being one", async () => {
    const [first, never, second] = [await mark(), uuidv7(Date.now()), await mark()];
    const token = tokenOf(first, never, second);
    expect((await proofOf(primary, token)).own).toBe(0b101);
    await primary.query("SELECT breakwater.claim($1, '{t}', 1)", [never]);
    expect((await proofOf(primary, token)).own).toBe(0b101);
    expect(await caughtUp(second)).toBe(true);
    expect(await proofOf(standby, token)).toMatchObject({ own: 0b101, isPrimary: false, epoch: 1n });
    expect(await proofOf(primary, tokenOf(never))).toMatchObject({ own: 0, isPrimary: true, switchXmin: null });
  });

  it("shows a write on a standby exactly where its row is seen, however they race", async () => {
    await primary.query("CREATE TABLE IF NOT EXISTS raced (id uuid PRIMARY KEY)");
    const [writer, other] = [await open("primary"), await open("primary")];
    let isOver = false;
    let seen = 0;
    let missed = 0;
    let latest: string | undefined;
    // Transactions in progress are what a standby's own snapshot forgets: one is always open beside.
    const noise = (async () => {
      while (!isOver) await other.query("BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(0.002); COMMIT");
    })();
    const writes = (async () => {
      for (let write = 0; write < 1_500; write++) {
        const id = uuidv7(Date.now());
        latest = id;
        await writer.query("BEGIN");
        await writer.query("INSERT INTO raced VALUES ($1)", [id]);
        await writer.query("SELECT breakwater.mark($1, '{t}', 1)", [id]);
        await writer.query("COMMIT");
      }
      isOver = true;
    })();
    while (!isOver) {
      const id = latest;
      if (id === undefined) {
        await proofOf(standby);
        continue;
      }
      const raced = query("test.raced", "SELECT id FROM raced WHERE id = $1", [id]);
      const { proof, answer } = await askProvably(standby, raced, tokenOf(id));
      if (proof.own === 1) seen++;
      else missed++;
      expect(answer.rows.length).toBe(proof.own);
    }
    await Promise.all([noise, writes]);
    await writer.end();
    await other.end();
    expect(Math.min(seen, missed)).toBeGreaterThan(20);
  });

  it("names another process after a restart, and after one within the server", async () => {
    const before = await proofOf(standby);
    expect((await proofOf(standby)).generation).toBe(before.generation);
    const { rows } = await standby.query("SELECT pg_backend_pid() AS pid, pg_postmaster_start_time() AS started");
    process.kill(rows[0]?.pid, "SIGKILL");
    let after: Client | undefined;
    const isBack = async () => {
      after = await open("node-2").catch(() => undefined);
      return after !== undefined;
    };
    expect(await until(isBack, 30_000)).toBe(true);
    if (!after) return;
    const started = (await after.query("SELECT pg_postmaster_start_time() AS started")).rows[0]?.started;
    expect(started).toEqual(rows[0]?.started); // which alone would say that it is the same
    expect((await proofOf(after)).generation).not.toBe(before.generation);
    await after.end();
  });

  it("tells what every promoted node had surely seen since the session's epoch, where its line had that epoch", async () => {
    const since = (epoch: string) => ({
      marks: [],
      seen: { node: "node-1", generation: "1.0", xmax: "1", epoch },
    });
    const switchOf = async (epoch: string) => (await proofOf(primary, since(epoch))).switchXmin;
    await primary.query("BEGIN");
    await primary.query("INSERT INTO breakwater.epochs (epoch, parent, switch_xmin) VALUES (3, 1, '90'), (4, 3, '70')");
    expect([await switchOf("1"), await switchOf("3"), await switchOf("4")]).toEqual([70n, 70n, null]);
    expect([await switchOf("2"), await switchOf("0"), await switchOf("9")]).toEqual([null, null, null]);
    await primary.query("INSERT INTO breakwater.epochs (epoch, parent) VALUES (5, 4)");
    expect([await switchOf("1"), await switchOf("4")]).toEqual([null, null]);
    expect((await proofOf(primary)).epoch).toBe(5n);
    await primary.query("ROLLBACK");
  });
});
