import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../tools/migrate/migrate.ts";
import { startTestCluster } from "./support/cluster.ts";

const USER = "01900000-0000-7000-8000-00000000000a";
const PITCH = "01900000-0000-7000-8000-00000000000b";
const OTHER = "01900000-0000-7000-8000-00000000000c";

describe("the marketplace's tables", () => {
  let bed: Awaited<ReturnType<typeof startTestCluster>>;
  let client: Client;

  beforeAll(async () => {
    bed = await startTestCluster();
    const { connectionString } = await bed.cluster.resolve("primary");
    await migrate({ connectionString });
    client = new Client({ connectionString });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await bed.stop();
  });
  beforeEach(async () => {
    await client.query("BEGIN");
    await addUser(USER, "Ada@Example.com");
    await addPitch();
  });
  afterEach(() => client.query("ROLLBACK"));

  const one = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows[0];

  function addUser(id: string, email: string) {
    return client.query(
      "INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, 'Ada', 'creator', '!')",
      [id, email],
    );
  }

  function addPitch(change: Readonly<Record<string, string | undefined>> = {}) {
    const row = {
      id: PITCH,
      user_id: USER,
      title: "The Who",
      logline: "Sailors running from a storm.",
      genre: "drama",
      format: "feature",
      production_stage: "script",
      status: "published",
      ...change,
    };
    const given = Object.entries(row).filter(([, value]) => value !== undefined);
    const places = given.map((_, index) => `$${index + 1}`);
    return client.query(
      `INSERT INTO pitches (${given.map(([column]) => column)}) VALUES (${places})`,
      given.map(([, value]) => value),
    );
  }

  const finds = async (words: string) => {
    const query = "SELECT 1 FROM pitch_search WHERE pitch_id = $1 AND document @@ websearch_to_tsquery($2, $3)";
    const english = await client.query(query, [PITCH, "english", words]);
    const simple = await client.query(query, [PITCH, "simple", words]);
    return { english: english.rowCount === 1, simple: simple.rowCount === 1 };
  };

  const document = async (id: string) =>
    (await one("SELECT ctid::text AS version, document::text AS text FROM pitch_search WHERE pitch_id = $1", [id])) as
      | { readonly version: string; readonly text: string }
      | undefined;

  it("gives a new pitch a draft's status, times to the millisecond, zero counters and no search document", async () => {
    await client.query("DELETE FROM pitches");
    await addPitch({ id: OTHER, status: undefined });
    const pitch = await one(
      `SELECT status, created_at = date_trunc('milliseconds', created_at) AS whole, likes, views, score
        FROM pitches JOIN pitch_counters ON pitch_id = id WHERE id = $1`,
      [OTHER],
    );
    expect(pitch).toEqual({ status: "draft", whole: true, likes: 0, views: 0, score: 0 });
    expect(await document(OTHER)).toBeUndefined();
  });

  it("finds a title by its very words, which English alone would drop, and a log line by its stems", async () => {
    expect(await finds('"the who"')).toMatchObject({ simple: true });
    expect(await finds("sailor")).toEqual({ english: true, simple: true });
    expect(await finds("sailors")).toEqual({ english: true, simple: false });
  });

  it("ranks a word of the title above the same word of the log line", async () => {
    await addPitch({ id: OTHER, title: "Storm", logline: "A quiet day." });
    const { rows } = await client.query(
      "SELECT pitch_id FROM pitch_search ORDER BY ts_rank(document, to_tsquery('english', 'storm')) DESC",
    );
    expect(rows.map(({ pitch_id }) => pitch_id)).toEqual([OTHER, PITCH]);
  });

  it.each([
    ["title", "Zanzibar", "zanzibar"],
    ["logline", "A lighthouse burns.", "lighthous"],
    ["genre", "western", "'=genre:western'"],
    ["format", "short", "'=format:short'"],
    ["production_stage", "completed", "'=stage:completed'"],
  ])(
    "writes the search document anew where its %s changes, and leaves it alone otherwise",
    async (column, to, lexeme) => {
      const before = await document(PITCH);
      await client.query(`UPDATE pitches SET ${column} = ${column}, updated_at = now() WHERE id = $1`, [PITCH]);
      expect(await document(PITCH)).toEqual(before);
      expect(before?.text).not.toContain(lexeme);
      await client.query(`UPDATE pitches SET ${column} = $2 WHERE id = $1`, [PITCH, to]);
      const after = await document(PITCH);
      expect(after?.text).toContain(lexeme);
      const afresh =
        "SELECT pitch_document(title, logline, genre, format, production_stage)::text AS text FROM pitches";
      expect(await one(`${afresh} WHERE id = $1`, [PITCH])).toEqual({ text: after?.text });
    },
  );

  it("has a search document of a pitch from when it is published until it is not, whatever else changes", async () => {
    const set = (status: string, title: string) =>
      client.query("UPDATE pitches SET status = $2, title = $3 WHERE id = $1", [PITCH, status, title]);
    for (const status of ["draft", "archived"]) {
      await set(status, "Hidden");
      expect(await document(PITCH), status).toBeUndefined();
      await set(status, "Still hidden");
      expect(await document(PITCH), status).toBeUndefined();
      await set("published", "Shown");
      expect((await document(PITCH))?.text, status).toContain("shown");
    }
    await set("draft", "Hidden");
    await set("archived", "Hidden");
    expect(await document(PITCH)).toBeUndefined();
  });

  it("removes counters, document and likes with the pitch, and sessions with the account", async () => {
    await client.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [USER, PITCH]);
    await client.query(
      "INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES ($1, sha256('token'), $2, now())",
      [OTHER, USER],
    );
    await client.query("DELETE FROM pitches WHERE id = $1", [PITCH]);
    await client.query("DELETE FROM users WHERE id = $1", [USER]);
    const left = await one(`SELECT (SELECT count(*) FROM pitch_counters)::int + (SELECT count(*) FROM pitch_search)::int
      + (SELECT count(*) FROM likes)::int + (SELECT count(*) FROM sessions)::int AS n`);
    expect(left.n).toBe(0);
  });

  it("does its companions' work whatever search_path the writer has", async () => {
    await client.query("SET LOCAL search_path = pg_catalog");
    await client.query(
      `INSERT INTO public.pitches (id, user_id, title, logline, genre, format, production_stage)
        VALUES ($1, $2, 'It', 'It.', 'drama', 'tv', 'script')`,
      [OTHER, USER],
    );
    expect(await one("SELECT likes FROM public.pitch_counters WHERE pitch_id = $1", [OTHER])).toEqual({ likes: 0 });
  });

  it.each([
    ["genre", "noir", "pitches_genre_check"],
    ["format", "opera", "pitches_format_check"],
    ["production_stage", "done", "pitches_production_stage_check"],
    ["status", "deleted", "pitches_status_check"],
    ["title", "", "pitches_title_check"],
    ["title", "x".repeat(201), "pitches_title_check"],
    ["logline", "x".repeat(1_001), "pitches_logline_check"],
    ["user_id", OTHER, "pitches_user_id_fkey"],
    ["id", PITCH, "pitches_pkey"],
  ])("refuses a pitch with a wrong %s (%s) by %s", async (column, value, constraint) => {
    await expect(addPitch({ id: OTHER, [column]: value })).rejects.toMatchObject({ constraint });
  });

  it("counts a title's characters, not its bytes", async () => {
    await expect(addPitch({ id: OTHER, title: "é".repeat(200) })).resolves.toBeDefined();
  });

  it("has one account for an address, in whatever case", async () => {
    await expect(addUser(OTHER, "ADA@example.COM")).rejects.toMatchObject({ constraint: "users_email_key" });
  });
});
