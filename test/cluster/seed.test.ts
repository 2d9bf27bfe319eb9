import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { STATISTICS_TABLES, TABLES } from "../../tools/seed/tables.ts";
import { startTestCluster } from "./support/cluster.ts";

/** What depends on the day of the seeding, or is empty after it. */
const OF_TODAY = ["trending_pitches", "statistics_state", "statistics_changes", "listing_changes"];

/** The moment that all data is told from. */
const BASE = "timestamptz '2026-11-01T00:00:00Z'";

/** What people were told, apart from messages. */
const TOLD = `SELECT kind, user_id, actor_id, pitch_id, subject_id, created_at FROM notifications WHERE kind <> 'message'`;

/** What they should have been told. */
const HAPPENED = `(
  SELECT * FROM (
    SELECT 'nda-requested', creator_id, requester_id, pitch_id, id, created_at FROM nda_requests
    UNION ALL SELECT 'nda-' || status, requester_id, creator_id, pitch_id, id, decided_at FROM nda_requests
      WHERE status IN ('approved', 'declined')
    UNION ALL SELECT 'investment', creator_id, investor_id, pitch_id, id, created_at FROM investments
    UNION ALL SELECT 'investment', creator_id, investor_id, pitch_id, id, updated_at FROM investments
      WHERE state = 'withdrawn'
    UNION ALL SELECT 'investment', investor_id, creator_id, pitch_id, id, updated_at FROM investments
      WHERE state IN ('negotiating', 'committed')
    UNION ALL SELECT 'follow', creator_id, follower_id, NULL, NULL, created_at FROM follows
    UNION ALL SELECT 'like', p.user_id, l.user_id, p.id, NULL, l.created_at
      FROM likes l JOIN pitches p ON p.id = l.pitch_id WHERE l.user_id <> p.user_id
  ) AS e (kind, user_id, actor_id, pitch_id, subject_id, created_at)
  WHERE e.created_at >= ${BASE} - interval '70 days'
)`;

/** What would be wrong, and a query that finds it. */
const IMPOSSIBLE: readonly (readonly [string, string])[] = [
  [
    "what somebody did before their account was open, or with a pitch before it was there",
    `SELECT e.what FROM (
      SELECT 'document' AS what, created_at AS at, NULL::uuid AS account, pitch_id FROM pitch_documents
      UNION ALL SELECT 'request', created_at, requester_id, pitch_id FROM nda_requests
      UNION ALL SELECT 'agreement', signed_at, user_id, pitch_id FROM ndas
      UNION ALL SELECT 'save', created_at, user_id, pitch_id FROM saved_pitches
      UNION ALL SELECT 'investment', created_at, investor_id, pitch_id FROM investments
      UNION ALL SELECT 'follow', created_at, follower_id, NULL FROM follows
      UNION ALL SELECT 'followed', created_at, creator_id, NULL FROM follows
      UNION ALL SELECT 'message', m.created_at, m.sender_id, c.pitch_id
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
      UNION ALL SELECT 'told', created_at, user_id, pitch_id FROM notifications
      UNION ALL SELECT 'telling', created_at, actor_id, pitch_id FROM notifications
      UNION ALL SELECT 'reset', created_at, user_id, NULL FROM password_resets
      UNION ALL SELECT 'session', created_at, user_id, NULL FROM sessions
      UNION ALL SELECT 'company', created_at, (SELECT id FROM users WHERE company_id = c.id ORDER BY created_at LIMIT 1), NULL
        FROM companies c
    ) e
    LEFT JOIN users u ON u.id = e.account LEFT JOIN pitches p ON p.id = e.pitch_id
    WHERE u.created_at > e.at OR p.created_at > e.at OR (u.id IS NULL AND e.account IS NOT NULL)
      OR (p.id IS NULL AND e.pitch_id IS NOT NULL)`,
  ],
  [
    "what is over before it began",
    `SELECT 1 FROM nda_requests WHERE decided_at <= created_at
    UNION ALL SELECT 1 FROM ndas WHERE revoked_at <= signed_at
    UNION ALL SELECT 1 FROM investments WHERE updated_at < created_at
    UNION ALL SELECT 1 FROM notifications WHERE read_at < created_at
    UNION ALL SELECT 1 FROM password_resets WHERE used_at <= created_at OR used_at > expires_at
    UNION ALL SELECT 1 FROM sessions WHERE expires_at <= created_at`,
  ],
  [
    "anything about a draft",
    `SELECT 1 FROM pitches p WHERE status = 'draft' AND p.id IN (
      SELECT pitch_id FROM nda_requests UNION ALL SELECT pitch_id FROM saved_pitches UNION ALL SELECT pitch_id FROM investments
      UNION ALL SELECT pitch_id FROM pitch_views UNION ALL SELECT pitch_id FROM pitch_daily
      UNION ALL SELECT pitch_id FROM notifications UNION ALL SELECT pitch_id FROM conversations
    )`,
  ],
  [
    "a request, agreement or amount of somebody who may have none, or that another's creator is asked",
    `SELECT 1 FROM nda_requests r JOIN users u ON u.id = r.requester_id JOIN pitches p ON p.id = r.pitch_id
      WHERE u.role = 'creator' OR r.creator_id <> p.user_id
    UNION ALL SELECT 1 FROM investments i JOIN users u ON u.id = i.investor_id JOIN pitches p ON p.id = i.pitch_id
      WHERE u.role <> 'investor' OR i.creator_id <> p.user_id`,
  ],
  [
    "an agreement without its approval, or an approval without its agreement",
    `SELECT r.id, n.id FROM nda_requests r FULL JOIN ndas n ON n.request_id = r.id
    WHERE (r.status = 'approved') IS DISTINCT FROM (n.id IS NOT NULL)
      OR n.id IS NOT NULL AND (n.pitch_id, n.user_id, n.signed_at) IS DISTINCT FROM (r.pitch_id, r.requester_id, r.decided_at)`,
  ],
  [
    "a request that is left open for long",
    `SELECT 1 FROM nda_requests WHERE status = 'pending' AND created_at < ${BASE} - interval '28 days'`,
  ],
  [
    "a request of somebody who has an agreement, or another one open",
    `SELECT 1 FROM nda_requests r JOIN ndas n ON n.pitch_id = r.pitch_id AND n.user_id = r.requester_id
      WHERE r.created_at >= n.signed_at AND r.created_at < least(n.expires_at, n.revoked_at)
    UNION ALL SELECT 1 FROM nda_requests r JOIN nda_requests o USING (pitch_id, requester_id)
      WHERE r.id <> o.id AND r.created_at >= o.created_at AND r.created_at < coalesce(o.decided_at, 'infinity')`,
  ],
  [
    "a follower of somebody who pitches nothing",
    "SELECT 1 FROM follows f JOIN users u ON u.id = f.creator_id WHERE u.role <> 'creator'",
  ],
  [
    "somebody who keeps their own pitch",
    "SELECT 1 FROM saved_pitches s JOIN pitches p ON p.id = s.pitch_id WHERE p.user_id = s.user_id",
  ],
  [
    "a thread of others than two who write to each other, or in a wrong place of their lists",
    `SELECT c.id FROM conversations c
    JOIN conversation_participants p ON p.conversation_id = c.id
    JOIN LATERAL (SELECT max(created_at) AS last, min(created_at) AS first, array_agg(DISTINCT sender_id) AS senders
      FROM messages m WHERE m.conversation_id = c.id) m ON true
    GROUP BY c.id
    HAVING count(*) <> 2 OR bool_or(p.last_message_at IS DISTINCT FROM m.last) OR bool_or(c.created_at <> m.first)
      OR NOT bool_and(m.senders <@ ARRAY(SELECT user_id FROM conversation_participants o WHERE o.conversation_id = c.id))
      OR c.topic <> concat_ws(':', min(p.user_id::text), max(p.user_id::text), c.pitch_id)`,
  ],
  [
    "unread messages that are not the last ones of the other",
    `SELECT p.conversation_id FROM conversation_participants p WHERE p.unread > (
      SELECT count(*) FROM messages m WHERE m.conversation_id = p.conversation_id AND m.created_at > coalesce((
        SELECT max(created_at) FROM messages own WHERE own.conversation_id = p.conversation_id AND own.sender_id = p.user_id
      ), '-infinity')
    )`,
  ],
  [
    "unread messages that nobody is told of, or only once they were read, or twice",
    `SELECT p.conversation_id, p.unread, count(n.id) FROM conversation_participants p
    JOIN LATERAL (
      SELECT created_at FROM messages m WHERE m.conversation_id = p.conversation_id AND m.sender_id <> p.user_id
      ORDER BY created_at DESC OFFSET greatest(p.unread - 1, 0) LIMIT 1
    ) first ON first.created_at >= ${BASE} - interval '70 days'
    LEFT JOIN notifications n ON n.kind = 'message' AND n.subject_id = p.conversation_id AND n.user_id = p.user_id
      AND n.read_at IS NULL
    GROUP BY p.conversation_id, p.user_id, p.unread, first.created_at
    HAVING count(n.id) <> least(p.unread, 1) OR bool_or(n.created_at <> first.created_at)`,
  ],
  ["a notification of what did not happen", `${TOLD} EXCEPT ALL ${HAPPENED}`],
  ["something young without its notification", `${HAPPENED} EXCEPT ALL ${TOLD}`],
  [
    "a word of a message that nobody wrote",
    `SELECT n.id FROM notifications n JOIN conversations c ON c.id = n.subject_id
    WHERE n.kind = 'message' AND NOT EXISTS (
      SELECT FROM messages m WHERE m.conversation_id = c.id AND m.created_at = n.created_at AND m.sender_id = n.actor_id
        AND n.user_id <> m.sender_id
    )`,
  ],
  [
    "a decision of the last half year that left no trace",
    `SELECT id, decided_at FROM nda_requests WHERE decided_at >= ${BASE} - interval '180 days'
    EXCEPT SELECT subject_id, at FROM audit_log
      WHERE action IN ('nda.approve', 'nda.decline', 'nda.withdraw') AND subject_kind = 'nda-request'`,
  ],
  [
    "a session without its login, or one that a new password would have ended",
    `SELECT 1 FROM sessions s WHERE NOT EXISTS (
      SELECT FROM audit_log a WHERE a.action = 'account.login' AND a.actor_id = s.user_id AND a.at = s.created_at
    ) OR EXISTS (SELECT FROM password_resets r WHERE r.user_id = s.user_id AND r.used_at > s.created_at)`,
  ],
  [
    "views on a day that its viewers do not make up, of days whose viewers are still known",
    `(SELECT pitch_id, day, count(*) FROM pitch_views GROUP BY 1, 2)
    EXCEPT (SELECT pitch_id, day, views FROM pitch_daily)
    UNION ALL (SELECT pitch_id, day, views FROM pitch_daily WHERE views > 0 AND day >= date '2026-10-29'
      EXCEPT SELECT pitch_id, day, count(*) FROM pitch_views GROUP BY 1, 2)`,
  ],
  [
    "viewers of another day than the last three, or views of a day before the last ninety or the pitch",
    `SELECT pitch_id FROM pitch_views WHERE day NOT BETWEEN date '2026-10-29' AND date '2026-10-31'
    UNION ALL SELECT pitch_id FROM pitch_daily JOIN pitches ON id = pitch_id
      WHERE views > 0 AND (day NOT BETWEEN date '2026-08-03' AND date '2026-10-31'
        OR day < (created_at AT TIME ZONE 'UTC')::date)`,
  ],
  [
    "statistics that say something else than the counters, or days that are more than the whole",
    `SELECT c.pitch_id FROM pitch_counters c
    LEFT JOIN pitch_statistics s USING (pitch_id)
    LEFT JOIN (SELECT pitch_id, sum(views) AS views, sum(likes) AS likes FROM pitch_daily GROUP BY 1) d USING (pitch_id)
    WHERE (s.views, s.likes) IS DISTINCT FROM (c.views::bigint, c.likes::bigint) OR d.views > c.views OR d.likes > c.likes`,
  ],
];

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

  /** One word for all rows of each table. */
  async function digests(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const table of [...TABLES, ...STATISTICS_TABLES].filter((name) => !OF_TODAY.includes(name))) {
      const rows = `SELECT md5(t::text) AS row FROM ${table} t`;
      found[table] = (
        await one(`SELECT count(*) || ' ' || md5(string_agg(row, '' ORDER BY row)) AS d FROM (${rows})`)
      ).d;
    }
    return found;
  }

  it("gives the same rows for the same numbers, and others for another seed", { timeout: 120_000 }, async () => {
    expect(await seed({ connectionString, pitches: 4_000, seed: 7 })).toBe("seeded");
    const before = await digests();
    await seed({ connectionString, pitches: 4_000, seed: 8, reset: true });
    for (const [table, digest] of Object.entries(await digests()))
      expect(`${table} ${before[table]}`).not.toBe(`${table} ${digest}`);
    await seed({ connectionString, pitches: 4_000, seed: 7, reset: true });
    expect(await digests()).toEqual(before);
  });

  it("knows all tables of the marketplace, and leaves none of them empty", async () => {
    const { rows } = await client.query(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
    );
    const names: string[] = rows.map(({ name }) => name);
    expect([...TABLES, ...STATISTICS_TABLES].sort()).toEqual(names.sort());
    for (const table of names.filter((name) => !OF_TODAY.includes(name))) {
      expect((await client.query(`SELECT 1 FROM ${table} LIMIT 1`)).rowCount, table).toBe(1);
    }
  });

  it("does nothing when exactly these rows are there, and refuses to replace others unasked", async () => {
    expect(await seed({ connectionString, pitches: 4_000, seed: 7 })).toBe("present");
    await expect(seed({ connectionString, pitches: 10, seed: 7 })).rejects.toThrow(/add --reset/);
    expect((await one("SELECT count(*)::int AS n FROM pitches")).n).toBe(4_000);
  });

  it("does not take rows of an earlier version for these, though they came from the same numbers", async () => {
    const { stamp } = await one("SELECT obj_description('pitches'::regclass) AS stamp");
    await client.query(`COMMENT ON TABLE pitches IS '${stamp.replace(/ data \d+,/, "")}'`);
    await expect(seed({ connectionString, pitches: 4_000, seed: 7 })).rejects.toThrow(/add --reset/);
    await client.query(`COMMENT ON TABLE pitches IS '${stamp}'`);
    expect(await seed({ connectionString, pitches: 4_000, seed: 7 })).toBe("present");
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

  it("has no row that points to none, though foreign keys were not looked at while it loaded", async () => {
    const { rows } =
      await client.query(`SELECT k.conname AS name, k.conrelid::regclass AS child, k.confrelid::regclass AS parent,
        c.attname AS column, p.attname AS target, array_length(k.conkey, 1) AS width
      FROM pg_constraint k
      JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = k.conkey[1]
      JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1]
      WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace`);
    expect(rows.length).toBeGreaterThan(25);
    for (const { name, child, parent, column, target, width } of rows) {
      expect(width, name).toBe(1);
      const orphans = `SELECT FROM ${child} c WHERE c.${column} IS NOT NULL
        AND NOT EXISTS (SELECT FROM ${parent} p WHERE p.${target} = c.${column}) LIMIT 1`;
      expect((await client.query(orphans)).rowCount, name).toBe(0);
    }
  });

  it("names each row by the time it was made, and tells of no time that is still to come", async () => {
    const { rows } = await client.query(`SELECT table_name AS table, column_name AS column,
        column_name IN ('created_at', 'at', 'signed_at') AND EXISTS (
          SELECT FROM information_schema.columns i
          WHERE i.table_schema = 'public' AND i.table_name = c.table_name AND i.column_name = 'id'
        ) AS names
      FROM information_schema.columns c
      WHERE table_schema = 'public' AND data_type = 'timestamp with time zone' AND column_name <> 'expires_at'
        AND table_name <> 'statistics_state'`);
    expect(rows.length).toBeGreaterThan(20);
    for (const { table, column, names } of rows) {
      const late = await client.query(`SELECT FROM ${table} WHERE ${column} > ${BASE} LIMIT 1`);
      expect(late.rowCount, `${table}.${column}`).toBe(0);
      if (!names) continue;
      const off = `SELECT FROM ${table} WHERE breakwater.ms(id) <> extract(epoch FROM ${column}) * 1000 LIMIT 1`;
      expect((await client.query(off)).rowCount, table).toBe(0);
    }
  });

  it.each(IMPOSSIBLE)("never tells of %s", async (_, text) => {
    expect((await client.query(`${text} LIMIT 3`)).rows).toEqual([]);
  });

  it("keeps the proportions that the indexes are measured at, and a third of the sessions for the clean-up", async () => {
    const counts = await one(`SELECT (SELECT count(*) FROM ndas)::float AS ndas,
      (SELECT count(*) FROM notifications)::float AS notifications,
      (SELECT count(*) FROM sessions)::float / (SELECT count(*) FROM users) AS sessions,
      (SELECT avg((expires_at < ${BASE})::int) FROM sessions)::float AS ended`);
    expect(Math.abs(counts.ndas / 4_000 - 0.6)).toBeLessThan(0.1);
    expect(Math.abs(counts.notifications / 4_000 - 1.2)).toBeLessThan(0.2);
    expect(Math.abs(counts.sessions - 6)).toBeLessThan(1);
    expect(Math.abs(counts.ended - 1 / 3)).toBeLessThan(0.03);
  });

  it.each([
    ["agreements by pitch", "ndas", "pitch_id", 0.03],
    ["agreements by signer", "ndas", "user_id", 0.05],
    ["bookmarks", "saved_pitches", "pitch_id", 0.03],
    ["followers", "follows", "creator_id", 0.05],
    ["messages by thread", "messages", "conversation_id", 0.03],
    ["notifications", "notifications", "user_id", 0.1],
    ["sessions", "sessions", "user_id", 0.03],
  ])("is skewed as life is also in %s: one in a hundred has many", async (_, table, column, least) => {
    const { share } = await one(`WITH ranked AS (
        SELECT count(*) AS n, percent_rank() OVER (ORDER BY count(*) DESC) AS rank FROM ${table} GROUP BY ${column}
      ) SELECT sum(n) FILTER (WHERE rank <= 0.01)::float / sum(n) AS share FROM ranked`);
    expect(share).toBeGreaterThan(least);
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
      "SELECT DISTINCT tgenabled::text AS state FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid AND relnamespace = 'public'::regnamespace",
    );
    expect(rows).toEqual([{ state: "O" }]);
    const { rows: documents } = await guest.query(
      `SELECT (SELECT count(*) FROM pitches WHERE status = 'published') AS published, count(*) AS n,
        bool_and(document = pitch_document(title, logline, genre, format, production_stage)) AS same,
        (SELECT correlation FROM pg_stats WHERE (tablename, attname) = ('pitch_search', 'pitch_id')) > 0.9 AS ordered
      FROM pitch_search s JOIN pitches p ON p.id = pitch_id AND p.status = 'published'`,
    );
    expect(documents).toEqual([{ published: documents[0]?.n, n: documents[0]?.n, same: true, ordered: true }]);
    expect((await guest.query("SELECT 1 FROM pitch_statistics")).rowCount).toBe(500);
    await guest.end();
  });

  it("says in a sentence that the tables are missing", async () => {
    await client.query("CREATE DATABASE bare");
    const bare = connectionString.replace(/[^/]+$/, "bare");
    await expect(seed({ connectionString: bare, pitches: 10, seed: 1 })).rejects.toThrow(/tables are missing: run/);
  });

  it("leaves the triggers on: a new pitch has its counters and its search document, a changed one a new document", async () => {
    await client.query(`INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage, status)
      SELECT '00000000-0000-7000-8000-000000000001', id, 'It', 'Before', 'drama', 'tv', 'script', 'published'
      FROM users LIMIT 1`);
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
