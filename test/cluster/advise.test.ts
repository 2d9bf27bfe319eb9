import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexEntry } from "../../sql/indexes/entry.ts";
import { browsePitches } from "../../src/marketplace/queries/listPitches.ts";
import { DATABASE } from "../../tools/cluster/cluster.ts";
import { until } from "../../tools/cluster/processes.ts";
import { type AdviseOptions, advise } from "../../tools/indexes/advise/advise.ts";
import type { Finding } from "../../tools/indexes/advise/finding.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

const BY_GENRE: IndexEntry = {
  name: "pitches_by_genre",
  table: "pitches",
  columns: ["genre", "created_at", "id", "status"],
  definition: "pitches (genre, created_at DESC, id DESC) WHERE status = 'published'",
  phase: 1,
  queries: ["pitches.browse"],
  proofs: [],
  writeBudget: { walPerInsert: 2, hotLoss: 2 },
  dropRule: "nobody browses",
  verdict: { kind: "ship" },
};
/** Never of use: all that it knows is what every row of it has. */
const BY_STATUS: IndexEntry = {
  ...BY_GENRE,
  name: "pitches_by_status",
  definition: "pitches (status) WHERE status = 'published'",
};

const BROWSE = browsePitches({
  sort: "newest",
  filters: { genre: "western" },
  page: { after: undefined, limit: 20 },
});

const CRAFTED = `
  CREATE TABLE owners (id int PRIMARY KEY);
  CREATE TABLE shop (
    id int PRIMARY KEY, owner_id int REFERENCES owners, kind text NOT NULL, other text NOT NULL, at timestamptz NOT NULL
  );
  CREATE INDEX shop_owner ON shop (owner_id);
  CREATE INDEX shop_read ON shop (kind, at DESC);
  CREATE INDEX shop_kind ON shop (kind);
  CREATE UNIQUE INDEX shop_kind_unique ON shop (kind, id);
  CREATE INDEX shop_kind_some ON shop (kind) WHERE other = 'x';
  CREATE INDEX shop_kind_pattern ON shop (kind text_pattern_ops);
  CREATE INDEX shop_idle ON shop (other);
  INSERT INTO shop SELECT n, NULL, 'kind ' || n % 1000, 'other ' || n, now() FROM generate_series(1, 20000) n;
  ANALYZE;`;

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let url: string;
let replicas: readonly string[];
const clients: Client[] = [];

beforeAll(async () => {
  bed = await startTestCluster();
  const nodes = await bed.cluster.nodes();
  url = nodes.find(({ role }) => role === "primary")?.connectionString ?? "";
  replicas = nodes.filter(({ role }) => role === "replica").map(({ connectionString }) => connectionString);
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
  advise({ connectionString: at(database), entries: [], ...options });

const named = (findings: readonly Finding[], kind: Finding["kind"]) =>
  findings.filter((finding) => finding.kind === kind).map(({ object }) => object.replace(/^public\./, ""));

/** Every index of a database with its flags. */
async function indexesOf(client: Client): Promise<readonly unknown[]> {
  const { rows } = await client.query(
    `SELECT indexrelid::regclass::text, indisvalid, pg_get_indexdef(indexrelid), pg_relation_filenode(indexrelid)
    FROM pg_index JOIN pg_class c ON c.oid = indrelid AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  return rows;
}

describe("advice on a crafted database", () => {
  let crafted: Client;

  beforeAll(async () => {
    await (await open(at("postgres"))).query("CREATE DATABASE crafted");
    crafted = await open(at("crafted"));
    await crafted.query(CRAFTED);
  });

  it("names the redundant one of many that begin alike, and the unused one, and no other", async () => {
    await crafted.query("SET enable_seqscan = off; SET enable_sort = off");
    await crafted.query("SELECT FROM shop WHERE kind = 'kind 1' ORDER BY at DESC LIMIT 1");
    await crafted.query("SELECT pg_stat_force_next_flush()");
    const { findings, notes } = await look("crafted");
    expect(named(findings, "redundant")).toEqual(["shop_kind"]);
    expect(named(findings, "unused")).toEqual(["shop_idle", "shop_kind_pattern", "shop_kind_some"]);
    expect(named(findings, "invalid")).toEqual([]);
    expect(named(findings, "bloated")).toEqual([]);
    expect(findings.find(({ kind }) => kind === "unused")).toMatchObject({ certainty: "unproven" });
    expect(notes.join("\n")).toMatch(/pg_stat_statements is not installed.*On Neon: `CREATE EXTENSION/);
  });

  it("counts what replicas read", async () => {
    const replicaUrl = at("crafted", replicas[0]);
    // The database, and then the table, may not have come yet.
    const hasCome = async () =>
      open(replicaUrl).then(
        () => true,
        () => false,
      );
    expect(await until(hasCome, 10_000)).toBe(true);
    const replica = await open(replicaUrl);
    const rows = () =>
      replica.query("SELECT FROM shop").then(
        ({ rowCount }) => rowCount,
        () => 0,
      );
    expect(await until(async () => (await rows()) === 20_000, 10_000)).toBe(true);
    expect(named((await look("crafted", { replicas: [replicaUrl] })).findings, "unused")).toContain("shop_idle");
    await replica.query("SET enable_seqscan = off");
    await replica.query("SELECT FROM shop WHERE other = 'other 5'");
    await replica.query("SELECT pg_stat_force_next_flush()");
    const isCounted = async () =>
      !named((await look("crafted", { replicas: [replicaUrl] })).findings, "unused").includes("shop_idle");
    expect(await until(isCounted, 10_000)).toBe(true);
    expect(named((await look("crafted")).findings, "unused")).toContain("shop_idle");
  });

  it("tells a leftover from an index that somebody builds just now", async () => {
    const reader = await open(at("crafted"));
    await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM owners");
    const builder = await open(at("crafted"));
    const { rows } = await builder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const building = builder
      .query("CREATE UNIQUE INDEX CONCURRENTLY shop_late ON shop (other, id)")
      .catch((error) => error);
    const waits = `SELECT FROM pg_stat_progress_create_index WHERE phase = 'waiting for old snapshots'`;
    expect(await until(async () => (await crafted.query(waits)).rowCount === 1, 20_000)).toBe(true);
    expect(named((await look("crafted")).findings, "invalid")).toEqual([]);
    await crafted.query("SELECT pg_cancel_backend($1)", [rows[0]?.pid]);
    expect(await building).toMatchObject({ code: "57014" });
    await reader.query("ROLLBACK");
    expect((await look("crafted")).findings).toContainEqual(
      expect.objectContaining({
        kind: "invalid",
        object: "public.shop_late",
        sentence: expect.stringMatching(/every write still pays for it.*rejects duplicates/),
        command: "DROP INDEX CONCURRENTLY public.shop_late;",
      }),
    );
  });

  it("finds an index that is mostly air after a mass delete, by estimate and by its pages", async () => {
    await crafted.query("CREATE TABLE heap (id int PRIMARY KEY, at timestamptz NOT NULL)");
    await crafted.query("CREATE INDEX heap_at ON heap (at, id)");
    await crafted.query(
      "INSERT INTO heap SELECT n, timestamptz '2026-01-01' + n * interval '1s' FROM generate_series(1, 200000) n",
    );
    await crafted.query("VACUUM ANALYZE heap");
    const bloated = async () =>
      (await look("crafted", { bloatedBytes: 1_000_000 })).findings.filter(({ kind }) => kind === "bloated");
    expect(await bloated()).toEqual([]);
    await crafted.query("DELETE FROM heap WHERE id % 20 <> 0");
    await crafted.query("VACUUM (ANALYZE, INDEX_CLEANUP ON) heap");
    const estimated = await bloated();
    expect(estimated.map(({ object }) => object).sort()).toEqual(["public.heap_at", "public.heap_pkey"]);
    expect(estimated[0]).toMatchObject({
      certainty: "estimated",
      command: expect.stringMatching(/^REINDEX INDEX CONC/),
    });
    await crafted.query("CREATE EXTENSION pgstattuple");
    const measured = await bloated();
    expect(measured.map(({ certainty }) => certainty)).toEqual(["measured", "measured"]);
    for (const [at, { numbers }] of measured.entries()) {
      expect(Number(numbers.bloatShare)).toBeGreaterThan(0.9);
      expect(Math.abs(Number(numbers.bloatShare) - Number(estimated[at]?.numbers.bloatShare))).toBeLessThan(0.05);
    }
    await crafted.query("REINDEX TABLE heap");
    expect(await bloated()).toEqual([]);
  });

  it("refuses a standby, and an address that nobody answers at, in a sentence without the password", async () => {
    await expect(advise({ connectionString: replicas[0] ?? "", entries: [] })).rejects.toThrow(/That is a standby/);
    const nowhere = "postgres://breakwater:secret@127.0.0.1:1/breakwater";
    await expect(advise({ connectionString: nowhere, entries: [] })).rejects.toThrow(/^Cannot connect to 127.0.0.1:1/);
  });
});

describe("advice on missing indexes", () => {
  const clone = {
    kind: "url",
    get url() {
      return at("clone");
    },
  } as const;
  let live: Client;

  beforeAll(async () => {
    await migrate({ connectionString: url });
    await seed({ connectionString: url, pitches: 5_000, seed: 1 });
    live = await open(url);
    await live.query("CREATE EXTENSION pg_stat_statements");
    await live.query(
      "CREATE TABLE public.orders AS SELECT n AS id, n % 500 AS customer, now() AS at FROM generate_series(1, 50000) n",
    );
    await live.query("VACUUM ANALYZE");
    await live.end();
    const other = await open(at("postgres"));
    await other.query(`CREATE DATABASE clone TEMPLATE ${DATABASE}`);
    live = await open(url);
    await live.query("SELECT pg_stat_statements_reset()");
    for (let time = 0; time < 20; time++) {
      await live.query(BROWSE.text, [...BROWSE.values]);
      await live.query("SELECT id FROM orders WHERE customer = $1 ORDER BY at DESC LIMIT 20", [time]);
    }
  });

  it("tells, without a clone, what nobody has tried, from the catalogue and from a plan, and ranks none of it", async () => {
    const { findings } = await look(DATABASE, { entries: [BY_GENRE] });
    const missing = findings.filter(({ kind }) => kind === "missing");
    expect(missing.map(({ object }) => object).sort()).toEqual(["orders_customer_at_idx", "pitches_by_genre"]);
    for (const { certainty, numbers } of missing) {
      expect(certainty).toBe("unproven");
      expect(numbers.rank).toBeUndefined();
      expect(numbers).toMatchObject({ calls: 20 });
    }
    const commands = missing.map(({ command }) => command);
    expect(commands).toContain("npm run cli -- indexes deploy --phase 1");
    expect(commands).toContain("CREATE INDEX CONCURRENTLY orders_customer_at_idx ON orders (customer, at DESC);");
  });

  it("proves both on a clone by buffers, dismisses one of no use, and leaves clone and database as they were", async () => {
    const cloned = await open(clone.url);
    const before = [await indexesOf(live), await indexesOf(cloned)];
    const { findings, notes } = await look(DATABASE, { entries: [BY_GENRE, BY_STATUS], clone });
    const missing = findings.filter(({ kind }) => kind === "missing");
    expect(missing.map(({ object }) => object).sort()).toEqual(["orders_customer_at_idx", "pitches_by_genre"]);
    expect(missing.map(({ numbers }) => numbers.rank)).toEqual([1, 2]);
    for (const { certainty, numbers } of missing) {
      expect(certainty).toBe("proven");
      expect(Number(numbers.buffersAfter)).toBeLessThan(Number(numbers.buffersBefore) / 2);
      expect(numbers.walPerWrite).toBeGreaterThan(20);
      expect(numbers.walPerWrite).toBeLessThan(500);
      expect(numbers.savedMs).toBeGreaterThan(0);
    }
    expect(notes.join("\n")).toMatch(/pitches_by_status is no finding: on the clone it (saves too little|makes)/);
    expect([await indexesOf(live), await indexesOf(cloned)]).toEqual(before);
  });

  it("proves them on a copy that it makes and takes away again", async () => {
    await live.query("CREATE DATABASE plain");
    await migrate({ connectionString: at("plain") });
    await seed({ connectionString: at("plain"), pitches: 3_000, seed: 1 });
    const plain = await open(at("plain"));
    await plain.query("CREATE EXTENSION pg_stat_statements; ANALYZE");
    await plain.query(
      "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()", // the seeding
    );
    for (let time = 0; time < 20; time++) await plain.query(BROWSE.text, [...BROWSE.values]);
    const before = await indexesOf(plain);
    const { findings, notes } = await look("plain", { entries: [BY_GENRE], clone: { kind: "copy" } });
    expect(notes.filter((note) => !note.includes("No Worker"))).toEqual([]);
    expect(findings.filter(({ kind }) => kind === "missing")).toMatchObject([
      { object: "pitches_by_genre", certainty: "proven" },
    ]);
    expect(await indexesOf(plain)).toEqual(before);
  });

  it("refuses the database itself as a clone, under another address too", async () => {
    const self = { kind: "url", url: url.replace("127.0.0.1", "localhost") } as const;
    await expect(look(DATABASE, { entries: [BY_GENRE], clone: self })).rejects.toThrow(/is the database itself/);
  });

  it("takes a Worker's own statistics where it is given one, and says when it does not answer", async () => {
    const { notes } = await look(DATABASE, { worker: { url: "http://127.0.0.1:1", adminToken: "x" } });
    expect(notes.join("\n")).toContain("The Worker does not tell of its queries");
  });
});
