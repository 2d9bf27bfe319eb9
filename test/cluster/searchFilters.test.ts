import { Client } from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { migrate } from "../../tools/migrate/migrate.ts";
import { type MigrationSet, migrationFiles } from "../../tools/migrate/migrationFiles.ts";
import { startTestCluster } from "./support/cluster.ts";

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let admin: Client;
let count = 0;

beforeAll(async () => {
  bed = await startTestCluster();
  admin = new Client({ connectionString: (await bed.cluster.resolve("primary")).connectionString });
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await bed?.stop();
});

/** The marketplace's files before the one whose name ends so, and all of the core's. */
const before = (end: string) => async (set: MigrationSet) => {
  const all = await migrationFiles(set);
  return set === "schema"
    ? all.slice(
        0,
        all.findIndex(({ name }) => name.endsWith(end)),
      )
    : all;
};

/** A database with pitches that came in before a document had filters in it. */
async function database(): Promise<{ connectionString: string; writer: Client }> {
  const name = `filters_${++count}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const { connectionString } = await bed.cluster.resolve("primary");
  const own = connectionString.replace(/[^/]+$/, name);
  await migrate({ connectionString: own, files: before("_search_filters") });
  const writer = new Client({ connectionString: own });
  await writer.connect();
  await writer.query(`INSERT INTO users (id, email, name, role, password_hash)
    VALUES (gen_random_uuid(), 'ada@example.com', 'Ada', 'creator', '!')`);
  await writer.query(`INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage, status)
    SELECT gen_random_uuid(), u.id, status || n, 'A log line.', 'drama', 'tv', 'script', status
    FROM users u, generate_series(1, 3) AS n, (VALUES ('draft'), ('published'), ('archived')) AS s (status)`);
  return { connectionString: own, writer };
}

/** Pitches whose document is not what it should be. */
async function wrong(client: Client): Promise<unknown[]> {
  const { rows } = await client.query(`SELECT p.title, p.status, p.genre, s.document::text
    FROM pitches p LEFT JOIN pitch_search s ON s.pitch_id = p.id
    WHERE s.document IS DISTINCT FROM CASE p.status WHEN 'published' THEN
      pitch_document(p.title, p.logline, p.genre, p.format, p.production_stage) END`);
  return rows;
}

it.each([1, 2, 5_000])(
  "writes the filters into the documents that are there, and removes those of drafts and archived: %i a step",
  async (most) => {
    const { connectionString, writer } = await database();
    expect((await writer.query("SELECT FROM pitch_search")).rowCount).toBe(9);
    const files = async (set: MigrationSet) =>
      (await migrationFiles(set)).map((each) => ({
        ...each,
        text: each.text.replace("OFFSET 1999", `OFFSET ${most - 1}`),
      }));
    await migrate({ connectionString, files });
    expect(await wrong(writer)).toEqual([]);
    expect((await writer.query("SELECT FROM pitch_search")).rowCount).toBe(3);
    await writer.end();
  },
);

it.each([
  ["changed", "genre = 'western', title = 'Changed'", "published1"],
  ["published", "status = 'published', genre = 'western'", "draft1"],
  ["archived", "status = 'archived'", "published1"],
])("leaves a document right of which the pitch is %s meanwhile", async (_, change, title) => {
  const { connectionString, writer } = await database();
  await migrate({ connectionString, files: before("_fill_search_filters") });
  await writer.query("BEGIN");
  await writer.query(`UPDATE pitches SET ${change} WHERE title = $1`, [title]);
  const migrated = migrate({ connectionString });
  const waiting = "SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'";
  const name = connectionString.slice(connectionString.lastIndexOf("/") + 1);
  await vi.waitFor(async () => expect((await admin.query(waiting, [name])).rowCount).toBe(1), { timeout: 10_000 });
  await writer.query("COMMIT");
  await migrated;
  expect(await wrong(writer)).toEqual([]);
  await writer.end();
});
