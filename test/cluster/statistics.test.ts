import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../../src/database/uuid.ts";
import { browsePitches, type Filters } from "../../src/marketplace/queries/listPitches.ts";
import { forgetViews } from "../../src/marketplace/queries/nightly.ts";
import { foldStatistics } from "../../src/marketplace/queries/statistics.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { Random } from "../../tools/seed/random.ts";
import { startTestCluster } from "./support/cluster.ts";
import { act, addPitch, addUser, type Cast } from "./support/statisticsHistory.ts";

const SEED = Number(process.env.STATISTICS_SEED ?? Date.now() % 1_000_000);

const TABLES = {
  pitch_daily: "pitch_id, day",
  pitch_statistics: "pitch_id",
  creator_daily: "creator_id, day",
  creator_statistics: "user_id",
  genre_counts: "genre",
  trending_pitches: "pitch_id",
  pitch_counters: "pitch_id",
};

/** What a writer of a history runs into, and an application answers: a row that is gone or there already, a deadlock. */
const USUAL: ReadonlySet<unknown> = new Set(["23503", "23505", "23514", "40P01"]);

const GIVEN_UP: ReadonlySet<unknown> = new Set(["55P03", "40P01"]);

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let connectionString: string;
let a: Client;
const opened: Client[] = [];

beforeAll(async () => {
  bed = await startTestCluster();
  connectionString = (await bed.cluster.resolve("primary")).connectionString;
  await migrate({ connectionString });
});
afterAll(() => bed.stop());
beforeEach(async () => {
  a = await connected();
  await a.query("TRUNCATE users CASCADE");
  await a.query("TRUNCATE pitch_views, pitch_daily, pitch_statistics, creator_daily, creator_statistics, genre_counts");
  await a.query("TRUNCATE trending_pitches, statistics_state, statistics_changes");
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.end().catch(() => {})));
});

async function connected(): Promise<Client> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  opened.push(client);
  return client;
}

const rows = async (text: string, values: unknown[] = []) => (await a.query(text, values)).rows;
const one = async (text: string, values: unknown[] = []) => (await rows(text, values))[0];

/** A step of the refresh, as the cron sends it. */
async function fold(client: Client, most = 5_000, scheduledMs = Date.now()): Promise<number> {
  const { text, values } = foldStatistics(scheduledMs, most);
  return (await client.query(text, [...values])).rows[0].done;
}

/** How often all was counted anew: 1, or 0 where it met writers in a deadlock, which leaves all as it was. */
async function rebuild(client: Client): Promise<number> {
  try {
    await client.query("SELECT rebuild_statistics()");
    return 1;
  } catch (error) {
    if (codeOf(error) !== "40P01") throw error;
    return 0;
  }
}

/** Counts all that is committed; at another millisecond than before, since one scheduled time is one refresh. */
async function foldAll(most?: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (
    (await one("SELECT EXISTS (SELECT FROM statistics_changes) OR EXISTS (SELECT FROM listing_changes) AS any")).any
  ) {
    await fold(a, most);
    if (Date.now() > deadline) throw new Error("the queue does not get empty");
  }
}

async function everything(): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const [table, key] of Object.entries(TABLES))
    found[table] = await rows(`SELECT * FROM ${table} ORDER BY ${key}`);
  return found;
}

const castOf = async (users: number, pitches: number): Promise<Cast> => {
  const cast: Cast = { users: [], pitches: [] };
  const random = new Random(SEED);
  for (let n = 0; n < users; n++) await addUser(a, cast);
  for (let n = 0; n < pitches; n++) await addPitch(a, random, cast);
  return cast;
};

/** Random transactions, of which some are rolled back, over one connection. */
async function write(n: number, transactions: number, cast: Cast): Promise<void> {
  const client = await connected();
  const random = new Random(SEED ^ (n * 7_919));
  for (let transaction = 0; transaction < transactions; transaction++) {
    try {
      await client.query("BEGIN");
      for (let left = 1 + random.below(4); left > 0; left--) await act(client, random, cast);
      await client.query(random.next() < 0.1 ? "ROLLBACK" : "COMMIT");
    } catch (error) {
      await client.query("ROLLBACK");
      if (!USUAL.has(codeOf(error))) throw error;
    }
    if (random.next() < 0.02) await addUser(client, cast);
  }
}

/** Steps of random sizes over one connection, one in ten of them killed, until `isOver`. */
async function refresh(n: number, isOver: () => boolean, tally: { folded: number; killed: number }): Promise<void> {
  let client = await connected();
  const random = new Random(SEED + n);
  while (!isOver()) {
    const isDoomed = random.next() < 0.1;
    try {
      if (!isDoomed) {
        tally.folded += await fold(client, 1 + random.below(60));
        continue;
      }
      const { pid } = (await client.query("SELECT pg_backend_pid() AS pid")).rows[0];
      await client.query("BEGIN");
      const folding = fold(client, 1 + random.below(60));
      // In the middle of it, or at its end and before its COMMIT.
      if (random.next() < 0.5) await folding;
      else folding.catch(() => {});
      await a.query("SELECT pg_terminate_backend($1)", [pid]);
      tally.killed++;
      client = await connected();
    } catch (error) {
      if (!GIVEN_UP.has(codeOf(error))) throw error;
      await client.query("ROLLBACK");
    }
  }
}

const codeOf = (error: unknown) => (error as { code?: string }).code;

describe(`statistics (STATISTICS_SEED=${SEED})`, () => {
  it("are what counting anew finds, after thousands of changes by several beside refreshes that meet and die", async () => {
    const cast = await castOf(15, 25);
    let isOver = false;
    const tally = { folded: 0, killed: 0 };
    const refreshing = Promise.all([1, 2].map((n) => refresh(n, () => isOver, tally)));
    const writing = Promise.all([3, 4, 5, 6].map((n) => write(n, 400, cast)));
    await writing.finally(() => {
      isOver = true;
    });
    await refreshing;
    expect(tally.killed).toBeGreaterThan(0);
    expect(tally.folded).toBeGreaterThan(500);
    await foldAll(17);
    const incremental = await everything();
    await a.query("SELECT rebuild_statistics()");
    expect(incremental).toEqual(await everything());
    expect(incremental.pitch_statistics?.length).toBeGreaterThan(5);
  });

  it("are the same when they are counted anew in the midst of changes and refreshes", async () => {
    const cast = await castOf(15, 25);
    let isOver = false;
    const tally = { folded: 0, killed: 0, rebuilt: 0 };
    const refreshing = refresh(1, () => isOver, tally);
    const rebuilding = (async () => {
      const client = await connected();
      while (!isOver) tally.rebuilt += await rebuild(client);
    })();
    await Promise.all([3, 4, 5].map((n) => write(n, 200, cast))).finally(() => {
      isOver = true;
    });
    await Promise.all([refreshing, rebuilding]);
    expect(tally.rebuilt).toBeGreaterThan(2);
    await foldAll();
    const incremental = await everything();
    await a.query("SELECT rebuild_statistics()");
    expect(incremental).toEqual(await everything());
  });

  it("are counted anew from one moment: what commits meanwhile is counted once", async () => {
    const { users, pitches } = await castOf(1, 1);
    const [holder, rebuilder] = [await connected(), await connected()];
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE follows"); // one of the tables that are counted
    const rebuilding = rebuilder.query("SELECT rebuild_statistics()");
    await expect.poll(() => rows("SELECT FROM pg_locks WHERE NOT granted"), { timeout: 10_000 }).toHaveLength(1);
    await a.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [users[0], pitches[0]]);
    await holder.query("COMMIT");
    await rebuilding;
    await foldAll();
    expect(await one("SELECT likes FROM pitch_counters")).toEqual({ likes: 1 });
  });

  it("count what commits after a refresh that could not see it", async () => {
    const { users, pitches } = await castOf(2, 1);
    const late = await connected();
    await late.query("BEGIN");
    await late.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [users[0], pitches[0]]);
    await a.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [users[1], pitches[0]]);
    await foldAll();
    const likes = () => one("SELECT likes FROM pitch_counters WHERE pitch_id = $1", [pitches[0]]);
    expect(await likes()).toEqual({ likes: 1 });
    await late.query("COMMIT");
    await foldAll();
    expect(await likes()).toEqual({ likes: 2 });
  });

  it("are refreshed once for a scheduled time; what came since waits for the next one", async () => {
    const { pitches } = await castOf(1, 1);
    const view = (n: number) =>
      a.query("INSERT INTO pitch_views VALUES ($1, current_date, decode(lpad($2, 32, '0'), 'hex'))", [
        pitches[0],
        `${n}`,
      ]);
    const at = Date.now() - 60_000;
    await view(1);
    expect(await fold(a, 2, at)).toBe(2); // not known to be all: the pitch's own, and the view or its publication
    while ((await fold(a, 2, at)) > 0);
    await view(2);
    expect([await fold(a, 2, at), await fold(a, 2, at - 1)]).toEqual([0, 0]);
    expect(await fold(a, 2, at + 1)).toBe(1);
    expect(await one("SELECT views FROM pitch_counters")).toEqual({ views: 2 });
    // A clock that runs ahead skips nothing that comes after it.
    await fold(a, 2, Date.now() + 3_600_000);
    await view(3);
    await foldAll();
    expect(await one("SELECT views FROM pitch_counters")).toEqual({ views: 3 });
  });

  it("say as of when they are: only what was wholly counted moves it on", async () => {
    const asOf = async () => (await one("SELECT as_of FROM statistics_state"))?.as_of.getTime();
    await castOf(1, 5);
    await fold(a, 2);
    expect(await asOf()).toBeUndefined();
    const before = Date.now();
    await foldAll();
    const first = await asOf();
    expect(first).toBeGreaterThanOrEqual(before);
    await castOf(1, 5);
    await fold(a, 2);
    expect(await asOf()).toBe(first);
    await foldAll();
    expect(await asOf()).toBeGreaterThan(first);
  });

  it("list a pitch as popular, by what it is filtered by, from the refresh on; what no longer fits leaves at once", async () => {
    await castOf(1, 1);
    const pitch = (await one("SELECT id FROM pitches")).id;
    const set = (changes: string) => a.query(`UPDATE pitches SET ${changes} WHERE id = $1`, [pitch]);
    const isListed = async (filters: Filters) => {
      const { text, values } = browsePitches({ sort: "popular", filters, page: { after: undefined, limit: 5 } });
      return (await a.query(text, [...values])).rowCount === 1;
    };
    const listed = async () => ({
      all: await isListed({}),
      western: await isListed({ genre: "western" }),
      shortWestern: await isListed({ genre: "western", format: "short" }),
      tv: await isListed({ format: "tv", stage: "script" }),
    });
    await set("status = 'draft', genre = 'western'");
    await foldAll();
    const nowhere = { all: false, western: false, shortWestern: false, tv: false };
    expect(await listed()).toEqual(nowhere);
    await set("status = 'published'");
    expect(await listed()).toEqual(nowhere);
    await foldAll();
    expect(await listed()).toEqual({ all: true, western: true, shortWestern: false, tv: true });
    await set("format = 'short'");
    expect(await listed()).toEqual({ all: true, western: true, shortWestern: false, tv: false });
    await foldAll();
    expect(await listed()).toEqual({ all: true, western: true, shortWestern: true, tv: false });
    await set("status = 'archived'");
    expect(await listed()).toEqual(nowhere);
    await foldAll();
    expect(await one("SELECT genre, format, production_stage FROM pitch_counters")).toEqual({
      genre: null,
      format: null,
      production_stage: null,
    });
  });

  it("take no writer's time: all goes on beside a refresh left open, and another one finds itself not needed", async () => {
    const { users, pitches } = await castOf(2, 2);
    const [owner, pitch] = Object.values(await one("SELECT user_id, id FROM pitches LIMIT 1"));
    const other = users.find((id) => id !== owner);
    const [request, investment, added] = [uuidv7(1), uuidv7(2), uuidv7(3)];
    const writes: [string, unknown[]][] = [
      ["INSERT INTO pitch_views VALUES ($1, current_date, decode(md5(random()::text), 'hex'))", [pitch]],
      ["INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [other, pitch]],
      ["DELETE FROM likes WHERE user_id = $1 AND pitch_id = $2", [other, pitch]],
      ["INSERT INTO saved_pitches (user_id, pitch_id) VALUES ($1, $2)", [other, pitch]],
      ["DELETE FROM saved_pitches WHERE user_id = $1 AND pitch_id = $2", [other, pitch]],
      ["INSERT INTO follows (follower_id, creator_id) VALUES ($1, $2)", [other, owner]],
      ["DELETE FROM follows WHERE follower_id = $1 AND creator_id = $2", [other, owner]],
      [
        "INSERT INTO nda_requests (id, pitch_id, creator_id, requester_id) VALUES ($1, $2, $3, $4)",
        [request, pitch, owner, other],
      ],
      ["UPDATE nda_requests SET status = 'approved', decided_at = now() WHERE id = $1", [request]],
      [
        "INSERT INTO investments (id, pitch_id, creator_id, investor_id, amount) VALUES ($1, $2, $3, $4, 5)",
        [investment, pitch, owner, other],
      ],
      ["UPDATE investments SET state = 'withdrawn' WHERE id = $1", [investment]],
      [
        "UPDATE pitches SET status = CASE status WHEN 'draft' THEN 'published' ELSE 'draft' END, genre = 'western' WHERE id = $1",
        [pitch],
      ],
      ["UPDATE pitches SET title = 'Another', logline = 'One.' WHERE id = $1", [pitch]],
      ["UPDATE users SET name = 'Grace' WHERE id = $1", [owner]],
    ];
    const insertPitch = `INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage)
      VALUES ($1, $2, 'It', 'It.', 'drama', 'tv', 'script')`;
    writes.push([insertPitch, [added, owner]]);
    // Everything of it is in the refresh that is left open, and once more beside it.
    for (const [text, values] of writes) await a.query(text, values);
    await a.query("DELETE FROM nda_requests; DELETE FROM investments");
    await a.query("DELETE FROM pitches WHERE id = $1", [added]);
    expect(pitches).toContain(pitch);
    const refreshing = await connected();
    await refreshing.query("BEGIN");
    expect(await fold(refreshing)).toBeGreaterThan(15);
    await a.query("SET lock_timeout = 50");
    for (const [text, values] of writes) await a.query(text, values);
    expect(await fold(a)).toBe(0);
    await refreshing.query("COMMIT");
    await foldAll();
    const incremental = await everything();
    await a.query("SELECT rebuild_statistics()");
    expect(incremental).toEqual(await everything());
  });

  it("give way to somebody who removes a pitch, and count afterwards", async () => {
    const { users, pitches } = await castOf(1, 2);
    await foldAll();
    await a.query("INSERT INTO likes (user_id, pitch_id) SELECT $1, unnest($2::uuid[])", [users[0], pitches]);
    const remover = await connected();
    await remover.query("BEGIN");
    await remover.query("DELETE FROM pitches WHERE id = $1", [pitches[0]]);
    await expect(fold(a)).rejects.toMatchObject({ code: "55P03" });
    await remover.query("COMMIT");
    await foldAll();
    expect(await rows("SELECT pitch_id, likes FROM pitch_counters")).toEqual([{ pitch_id: pitches[1], likes: 1 }]);
    expect(await one("SELECT pitches, likes FROM creator_statistics")).toEqual({ pitches: "1", likes: "1" });
  });

  it("keep views when who saw them is forgotten, and when they are counted anew then", async () => {
    const { pitches } = await castOf(1, 1);
    await a.query(
      `INSERT INTO pitch_views SELECT $1, (now() AT TIME ZONE 'UTC')::date - ago, decode(lpad(n::text, 32, '0'), 'hex')
        FROM generate_series(0, 6) ago, generate_series(1, 10) n`,
      [pitches[0]],
    );
    await foldAll();
    const before = await everything();
    const { text, values } = forgetViews(25);
    const deleted = [
      await a.query(text, [...values]),
      await a.query(text, [...values]),
      await a.query(text, [...values]),
    ];
    expect(deleted.map(({ rowCount }) => rowCount)).toEqual([25, 5, 0]);
    expect(await rows("SELECT count(*)::int AS n FROM statistics_changes")).toEqual([{ n: 0 }]);
    await a.query("SELECT rebuild_statistics()");
    expect(await everything()).toEqual(before);
    expect(await one("SELECT views FROM pitch_counters")).toEqual({ views: 70 });
  });

  it("carry on what the counters of pitches said that came in without a trigger", async () => {
    const { users, pitches } = await castOf(1, 0);
    await a.query("SET session_replication_role = replica");
    await addPitch(a, new Random(1), { users, pitches });
    await a.query("INSERT INTO pitch_counters (pitch_id, views, likes) VALUES ($1, 500, 7)", [pitches[0]]);
    await a.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [users[0], pitches[0]]);
    await a.query("SET session_replication_role = origin");
    await a.query("SELECT rebuild_statistics()");
    await a.query("DELETE FROM likes");
    await a.query("INSERT INTO pitch_views VALUES ($1, current_date, decode(repeat('0', 32), 'hex'))", [pitches[0]]);
    await foldAll();
    const incremental = await everything();
    expect(incremental.pitch_counters).toMatchObject([{ views: 501, likes: 6 }]);
    expect(incremental.pitch_daily).toMatchObject([{ views: 1, likes: 0 }]);
    await a.query("SELECT rebuild_statistics()");
    expect(await everything()).toEqual(incremental);
  });

  it("trend by interest that halves in two days, whenever it was counted", async () => {
    const { users, pitches } = await castOf(1, 3);
    const view = (pitch: string | undefined, ago: number, count: number) =>
      a.query(
        `INSERT INTO pitch_views SELECT $1, (now() AT TIME ZONE 'UTC')::date - $2::int, decode(lpad(n::text, 32, '0'), 'hex')
          FROM generate_series(1, $3::int) n`,
        [pitch, ago, count],
      );
    await view(pitches[0], 4, 19); // worth 4.75 today
    await foldAll();
    await view(pitches[1], 0, 4);
    await view(pitches[1], 2, 2); // worth 5 together
    await foldAll();
    await view(pitches[2], 17, 2); // less than one view of 14 days ago
    await foldAll();
    const trending = await rows("SELECT pitch_id, score FROM trending_pitches ORDER BY score DESC");
    expect(trending.map(({ pitch_id }) => pitch_id)).toEqual([pitches[1], pitches[0]]);
    expect(Math.exp(trending[0].score - trending[1].score)).toBeCloseTo(5 / 4.75, 9);
    // As much more as less, but on another day.
    await a.query("INSERT INTO likes (user_id, pitch_id, created_at) VALUES ($1, $2, now() - interval '9 days')", [
      users[0],
      pitches[1],
    ]);
    await foldAll();
    await a.query("DELETE FROM likes");
    await a.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [users[0], pitches[1]]);
    await foldAll();
    const scored = await rows("SELECT * FROM trending_pitches ORDER BY pitch_id");
    await a.query("SELECT rebuild_statistics()");
    expect(await rows("SELECT * FROM trending_pitches ORDER BY pitch_id")).toEqual(scored);
    // Days later it has faded, and no change of it says so.
    await a.query("UPDATE trending_pitches SET score = score - 100 WHERE pitch_id = $1", [pitches[0]]);
    await view(pitches[1], 1, 1);
    await foldAll();
    expect(await rows("SELECT pitch_id FROM trending_pitches")).toEqual([{ pitch_id: pitches[1] }]);
  });
});
