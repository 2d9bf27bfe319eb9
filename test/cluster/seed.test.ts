import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

const DIGEST = `SELECT md5(string_agg(md5(p::text || c::text || s::text || u::text), '' ORDER BY p.id)) AS digest
  FROM pitches p JOIN pitch_counters c ON c.pitch_id = p.id JOIN pitch_search s ON s.pitch_id = p.id
  JOIN users u ON u.id = p.user_id`;

describe("the seeding", () => {
  let bed: Awaited<ReturnType<typeof startTestCluster>>;
  let connectionString: string;
  let client: Client;

  beforeAll(async () => {
    bed = await startTestCluster();
    connectionString = (await bed.cluster.resolve("primary")).connectionString;
    await migrate({ connectionString });
    client = new Client({ connectionString });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await bed.stop();
  });

  const one = async (text: string) => (await client.query(text)).rows[0];

  it("gives the same rows for the same numbers, and others for another seed", async () => {
    expect(await seed({ connectionString, pitches: 4_000, seed: 7 })).toBe("seeded");
    const { digest } = await one(DIGEST);
    await seed({ connectionString, pitches: 4_000, seed: 8, reset: true });
    expect((await one(DIGEST)).digest).not.toBe(digest);
    await seed({ connectionString, pitches: 4_000, seed: 7, reset: true });
    expect((await one(DIGEST)).digest).toBe(digest);
  });

  it("does nothing when exactly these rows are there, and refuses to replace others unasked", async () => {
    expect(await seed({ connectionString, pitches: 4_000, seed: 7 })).toBe("present");
    await expect(seed({ connectionString, pitches: 10, seed: 7 })).rejects.toThrow(/add --reset/);
    expect((await one("SELECT count(*)::int AS n FROM pitches")).n).toBe(4_000);
  });

  it("leaves other data as it is when only an empty database is to be filled", async () => {
    expect(await seed({ connectionString, pitches: 10, seed: 1, onlyIfEmpty: true })).toBe("present");
    expect((await one("SELECT count(*)::int AS n FROM pitches")).n).toBe(4_000);
  });

  it("keeps real titles, also those that are numbers, and gives films without a director to the studio", async () => {
    const { n } = await one("SELECT count(*)::int AS n FROM pitches WHERE title ~ '^[0-9]+$'");
    expect(n).toBeGreaterThanOrEqual(9);
    const studio = await one(`SELECT count(*)::int AS n FROM pitches p JOIN users u ON u.id = p.user_id
      WHERE u.name = 'Open Gate Pictures'`);
    expect(studio.n).toBeGreaterThan(1_000);
  });

  it("is skewed as life is: a few pitches have most of the views, most are published", async () => {
    const { share } =
      await one(`WITH ranked AS (SELECT views, row_number() OVER (ORDER BY views DESC) AS rank FROM pitch_counters)
      SELECT sum(views) FILTER (WHERE rank <= 40)::float / sum(views) AS share FROM ranked`);
    expect(share).toBeGreaterThan(0.15);
    const { published } = await one("SELECT avg((status = 'published')::int)::float AS published FROM pitches");
    expect(published).toBeGreaterThan(0.8);
    expect(published).toBeLessThan(0.9);
  });

  it("tells a story that could have happened: accounts before pitches, pitches before likes, no likes uncounted", async () => {
    const early = `SELECT count(*)::int AS n FROM pitches p JOIN users u ON u.id = p.user_id
      WHERE p.created_at < u.created_at`;
    expect(await one(early)).toEqual({ n: 0 });
    const likes = `SELECT count(*)::int AS n,
        count(*) FILTER (WHERE l.created_at < p.created_at OR l.created_at < u.created_at OR p.status = 'draft')::int AS wrong
      FROM likes l JOIN pitches p ON p.id = l.pitch_id JOIN users u ON u.id = l.user_id`;
    expect(await one(likes)).toEqual({ n: expect.any(Number), wrong: 0 });
    expect((await one(likes)).n).toBeGreaterThan(2_000);
    const uncounted = `SELECT count(*)::int AS n FROM pitch_counters c
      WHERE c.likes < (SELECT count(*) FROM likes l WHERE l.pitch_id = c.pitch_id)`;
    expect(await one(uncounted)).toEqual({ n: 0 });
  });

  it("names each row by the time it was made", async () => {
    const off =
      "SELECT count(*)::int AS n FROM pitches WHERE breakwater.ms(id) <> extract(epoch FROM created_at) * 1000";
    expect(await one(off)).toEqual({ n: 0 });
  });

  it("lets one of two seedings at once win, and the other refuse", async () => {
    await client.query("TRUNCATE users, pitches CASCADE");
    const both = [7, 9].map((number) => seed({ connectionString, pitches: 4_000, seed: number }));
    const ends = await Promise.allSettled(both);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await seed({ connectionString, pitches: 4_000, seed: 7, reset: true });
  });

  it("leaves what was there when it is interrupted", async () => {
    const run = spawn(process.execPath, [
      ...["tools/seed/cli.ts", "--pitches", "400000", "--seed", "9", "--reset", "--database-url", connectionString],
    ]);
    const said = text(run.stderr);
    const loading = `SELECT 1 FROM pg_locks WHERE relation = 'pitches'::regclass AND mode = 'AccessExclusiveLock'`;
    expect(await until(async () => (await client.query(loading)).rowCount === 1, 10_000)).toBe(true);
    run.kill("SIGINT");
    const [code] = await once(run, "close");
    expect(code).toBe(130);
    expect(await said).toContain("Interrupted: nothing was kept");
    expect((await one("SELECT count(*)::int AS n FROM pitches")).n).toBe(4_000);
    expect(await seed({ connectionString, pitches: 4_000, seed: 7 })).toBe("present");
  });

  it("loads as an ordinary owner too, with the triggers on again afterwards", async () => {
    await client.query("CREATE ROLE owner LOGIN PASSWORD 'owner'");
    await client.query("CREATE DATABASE owned OWNER owner");
    const owned = connectionString.replace("breakwater:breakwater@", "owner:owner@").replace(/[^/]+$/, "owned");
    await migrate({ connectionString: owned });
    expect(await seed({ connectionString: owned, pitches: 500, seed: 7 })).toBe("seeded");
    const guest = new Client({ connectionString: owned });
    await guest.connect();
    const { rows } = await guest.query(
      "SELECT DISTINCT tgenabled::text AS state FROM pg_trigger WHERE tgrelid = 'pitches'::regclass",
    );
    expect(rows).toEqual([{ state: "O" }]);
    expect((await guest.query("SELECT 1 FROM pitch_search")).rowCount).toBe(500);
    await guest.end();
  });

  it("says in a sentence that the tables are missing", async () => {
    await client.query("CREATE DATABASE bare");
    const bare = connectionString.replace(/[^/]+$/, "bare");
    await expect(seed({ connectionString: bare, pitches: 10, seed: 1 })).rejects.toThrow(/tables are missing: run/);
  });

  it("leaves the triggers on: a new pitch has its counters and its search document, a changed one a new document", async () => {
    await client.query(`INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage)
      SELECT '00000000-0000-7000-8000-000000000001', id, 'It', 'Before', 'drama', 'tv', 'script' FROM users LIMIT 1`);
    const document = async () =>
      (
        await one(`SELECT document::text AS text FROM pitch_search
      WHERE pitch_id = '00000000-0000-7000-8000-000000000001'`)
      ).text;
    expect(await document()).toContain("'it':1A");
    await client.query("UPDATE pitches SET title = 'Zanzibar' WHERE id = '00000000-0000-7000-8000-000000000001'");
    expect(await document()).toContain("zanzibar");
    const counters = "SELECT likes, views FROM pitch_counters WHERE pitch_id = '00000000-0000-7000-8000-000000000001'";
    expect(await one(counters)).toEqual({ likes: 0, views: 0 });
  });
});
