import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IndexEntry } from "../../sql/indexes/entry.ts";
import { markClone } from "../../tools/indexes/prove/clone.ts";
import { copyDatabase } from "../../tools/indexes/prove/copyDatabase.ts";
import { openDriverLane } from "../../tools/indexes/prove/driverLane.ts";
import { explain } from "../../tools/indexes/prove/explain.ts";
import { findingsOf } from "../../tools/indexes/prove/findings.ts";
import { openIndexSets } from "../../tools/indexes/prove/indexSets.ts";
import { latencies } from "../../tools/indexes/prove/latencies.ts";
import { leaveOneOut } from "../../tools/indexes/prove/leaveOneOut.ts";
import { measure } from "../../tools/indexes/prove/measure.ts";
import { proveIndexes } from "../../tools/indexes/prove/proveIndexes.ts";
import { type StartedClone, startClone } from "../../tools/indexes/prove/startClone.ts";
import { writeCost } from "../../tools/indexes/prove/writeCost.ts";
import type { SampledQuery } from "../../tools/indexes/sample.ts";
import { sampledQueries } from "../../tools/indexes/sampledQueries.ts";
import { takeSamples } from "../../tools/indexes/samples.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { indexEntry } from "./support/indexEntry.ts";

const THREAD = indexEntry("messages (conversation_id, created_at DESC, id DESC)", {
  name: "messages_thread",
  queries: ["messages.list"],
  proofs: [{ query: "messages.list", maxBuffers: { common: 100, rare: 40 } }],
});

/** The planner expects a page of a thread early on the way through all messages, and reads nearly all of them. */
const TRAP = indexEntry("messages (created_at)", {
  name: "messages_trap",
  verdict: { kind: "rejected", reason: "a trap" },
});

const OWNERS = indexEntry("users (email)", {
  name: "owners_email",
  isOwners: true,
  isUnique: true,
  verdict: { kind: "rejected", reason: "not by lower(email)" },
});

const HOMELESS = indexEntry("sessions (token)", { name: "owners_token", columns: ["token"], isOwners: true });

describe("proving indexes", () => {
  let clone: StartedClone;
  let client: Client;
  let queries: readonly SampledQuery[];

  beforeAll(async () => {
    clone = await startClone({ kind: "seed", pitches: 5_000, seed: 1 }, () => {});
    client = clone.client;
    queries = sampledQueries(await takeSamples(client));
  }, 120_000);
  afterAll(() => clone.stop());

  const of = (name: string) => queries.filter((query) => query.name === name);

  async function indexes(): Promise<readonly string[]> {
    const { rows } = await client.query<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = format('public.%I', indexname)::regclass AND contype <> 'f')
      ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  }

  it("explains a write without keeping what it wrote, and tells what it wrote ahead", async () => {
    const [sample] = of("saved.delete")[0]?.samples ?? [];
    const before = await client.query("SELECT count(*) FROM saved_pitches");
    const plan = await explain(client, sample?.query ?? { text: "", values: [] });
    expect(plan.walBytes).toBeGreaterThan(0);
    expect(plan.nodes.map(({ kind }) => kind)).toContain("ModifyTable");
    expect((await client.query("SELECT count(*) FROM saved_pitches")).rows).toEqual(before.rows);
  });

  it("finds the same buffers again", async () => {
    const [first, second] = [await measure(client, of("messages.list")), await measure(client, of("messages.list"))];
    expect(second.map(({ plan }) => plan?.buffers)).toEqual(first.map(({ plan }) => plan?.buffers));
  });

  it("leaves no trace of measured writes that a later scan would read", async () => {
    const size = async () => {
      const { rows } = await client.query("SELECT pg_relation_size('pitches')::int AS bytes");
      return rows[0]?.bytes as number;
    };
    const before = await size();
    const [removed] = await measure(client, of("accounts.remove-pitches"));
    expect(removed?.plan?.walBytes).toBeGreaterThan(100_000);
    expect(await size()).toBeLessThanOrEqual(before);
  });

  it("makes a clone have exactly one set, and skips what has no column here", async () => {
    const sets = await openIndexSets(client, [THREAD, TRAP, OWNERS, HOMELESS]);
    expect(sets.skipped).toEqual([{ name: "owners_token", reason: "there is no sessions.token" }]);
    await sets.apply("none");
    expect(await indexes()).toEqual([]);
    await sets.apply("owner");
    expect(await indexes()).toEqual(["owners_email"]);
    await sets.apply("ours");
    const ours = await indexes();
    expect(ours).toContain("messages_thread");
    expect(ours).toContain("ndas_standing_key"); // the schema's own, which it came with
    expect(ours).not.toContain("messages_trap");
    expect(ours).not.toContain("owners_email");
    const { rows } = await client.query("SELECT indexdef FROM pg_indexes WHERE indexname = 'ndas_standing_key'");
    expect(rows[0]?.indexdef).toBe(
      "CREATE UNIQUE INDEX ndas_standing_key ON public.ndas USING btree (pitch_id, user_id) WHERE (revoked_at IS NULL)",
    );
  });

  it("begins with every row known to be visible to all, so that scans of an index alone are", async () => {
    // As the seeding ends: with a commit that is not on disk when it returns.
    await client.query("SET synchronous_commit = off");
    await client.query("UPDATE pitch_documents SET id = id");
    await client.query("RESET synchronous_commit");
    await openIndexSets(client, [THREAD]);
    await client.query("CREATE EXTENSION pg_visibility");
    for (const table of ["notifications", "sessions", "pitch_documents"]) {
      // Pages without rows are not marked, and are no trouble.
      const hidden = await client.query(
        `SELECT DISTINCT block FROM (SELECT (ctid::text::point)[0]::bigint AS block FROM ${table}) rows
        WHERE NOT (pg_visibility_map('${table}', block)).all_visible`,
      );
      expect(hidden.rowCount, table).toBe(0);
    }
    await client.query("DROP EXTENSION pg_visibility");
  });

  it("tells what an index saves by leaving it out, and leaves it there", async () => {
    const sets = await openIndexSets(client, [THREAD]);
    await sets.apply("ours");
    const messages = of("messages.list");
    const before = await measure(client, messages);
    const compared = await leaveOneOut(client, "messages_thread", { queries: messages, before });
    expect(compared.map(({ change }) => change)).toEqual(["worse", "worse", "worse"]);
    expect(await indexes()).toContain("messages_thread");
  });

  const prove = async (...entries: IndexEntry[]) =>
    findingsOf(await proveIndexes(client, entries, { only: ["messages.list", "accounts.by-email"] }), entries);

  it("finds nothing against an index that is of use, whatever else was rejected", async () => {
    expect(await prove(THREAD, OWNERS, TRAP)).toEqual([]);
  });

  it("goes red for an index that makes another query worse, and for one that is of no use", async () => {
    const trap: IndexEntry = { ...TRAP, verdict: { kind: "ship" } };
    const findings = await prove(trap, OWNERS);
    expect(findings[0]).toMatch(/^"messages\.list common" reads \d{4} buffers with our indexes, \d{3} without\.$/);
    // Beside the right index it does no harm, and no good either.
    expect(await prove(THREAD, OWNERS, trap)).toEqual(["messages_trap is of no use: no sample reads more without it."]);
  });

  it("measures how long reads take over the application's own driver", async () => {
    const lane = await openDriverLane({ host: "127.0.0.1", port: clone.port });
    try {
      const found = await latencies(lane.ask, [...of("messages.list"), ...of("saved.delete")]);
      expect([...found.keys()]).toEqual(["messages.list common", "messages.list rare", "messages.list deep"]);
      for (const { p50, p95 } of found.values()) expect(p95).toBeGreaterThanOrEqual(p50);
    } finally {
      await lane.close();
    }
  });

  it("fails a proof that promises too much", async () => {
    const findings = await prove({
      ...THREAD,
      proofs: [{ query: "messages.list", maxBuffers: { common: 3, rare: 3 } }],
    });
    expect(findings).toHaveLength(3);
    expect(findings[0]).toMatch(
      /^messages_thread is not proved by "messages\.list common": \d+ buffers are more than 3\.$/,
    );
  });

  it("measures what an index costs its table's writers", async () => {
    const counters = { table: "pitch_counters", order: "pitch_id", set: "views = views + 1" };
    const bare = await writeCost(client, counters, []);
    const dear = await writeCost(client, counters, [indexEntry("pitch_counters (views)", { name: "counters_views" })]);
    expect(bare.hotShare).toBe(100);
    expect(dear.hotShare).toBe(0);
    expect(dear.walPerInsert).toBeGreaterThan(bare.walPerInsert * 1.2);
    expect(dear.walPerUpdate).toBeGreaterThan((bare.walPerUpdate ?? 0) * 2);
    expect(bare.walPerInsertAfterCheckpoint).toBeGreaterThan(bare.walPerInsert);
    // A draft is in no index of what is published.
    const newest = indexEntry("pitches (created_at DESC, id DESC) WHERE status = 'published'", { name: "newest" });
    const drafts = { table: "pitches", order: "created_at", insertedAs: "status = 'draft'" };
    const [without, beside] = [await writeCost(client, drafts, []), await writeCost(client, drafts, [newest])];
    expect(beside.walPerInsert / without.walPerInsert).toBeLessThan(1.05);
    const { rowCount } = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'breakwater_writes'");
    expect(rowCount).toBe(0);
  });

  it("measures a clean-up where it has nothing left to do", async () => {
    const query = "accounts.delete-expired-sessions";
    const expires = (definition: string) =>
      indexEntry(definition, {
        name: "sessions_tried",
        queries: [query],
        proofs: [{ query, isFinished: true, maxBuffers: { common: 5, rare: 5 } }],
      });
    const findings = async (entry: IndexEntry) =>
      findingsOf(await proveIndexes(client, [entry], { only: [query] }), [entry]);
    expect(await findings(expires("sessions (expires_at)"))).toEqual([]);
    expect(await findings(expires("sessions (created_at)"))).toEqual([
      expect.stringMatching(
        /^sessions_tried is not proved by "\S+ finished common": its plan reads no index; \d+ buffers/,
      ),
      "sessions_tried is of no use: no sample reads more without it.",
    ]);
  });

  describe("in a database that is no clone", () => {
    let other: Client;

    beforeAll(async () => {
      await client.query("CREATE DATABASE live");
      const connectionString = clone.connectionString.replace(/[^/]+$/, "live");
      await migrate({ connectionString });
      other = new Client({ connectionString });
      await other.connect();
    });
    afterAll(() => other.end());

    it.each([
      ["drops no index", () => openIndexSets(other, [])],
      ["leaves none out", () => leaveOneOut(other, "ndas_standing_key", { queries: [], before: [] })],
      ["writes nothing", () => writeCost(other, { table: "likes", order: "created_at" }, [])],
    ])("%s", async (_, act) => {
      await expect(act()).rejects.toThrow('The database "live" is no clone');
      const { rowCount } = await other.query("SELECT 1 FROM pg_indexes WHERE indexname = 'ndas_standing_key'");
      expect(rowCount).toBe(1);
    });

    it("copies its rows, indexes and planner's settings into a clone, and changes nothing there", async () => {
      await client.query("CREATE INDEX messages_extra ON messages (sender_id)");
      await client.query("ALTER DATABASE marketplace SET random_page_cost = 1.5");
      const source = new Client({ connectionString: clone.connectionString });
      await source.connect();
      await markClone(other);
      try {
        await copyDatabase(source, other);
      } finally {
        await source.end();
      }
      const count =
        "SELECT (SELECT count(*) FROM pitches) AS pitches, (SELECT sum(hashtext(m::text)) FROM messages m) AS sum";
      expect((await other.query(count)).rows).toEqual((await client.query(count)).rows);
      expect((await other.query("SHOW random_page_cost")).rows).toEqual([{ random_page_cost: "1.5" }]);
      expect((await other.query("SELECT 1 FROM pg_indexes WHERE indexname = 'messages_extra'")).rowCount).toBe(1);
    });
  });
});
