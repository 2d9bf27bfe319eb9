import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cleanUp } from "../../src/cron/cleanUp.ts";
import { takeStatistics } from "../../src/cron/takeStatistics.ts";
import type { Work } from "../../src/cron/work.ts";
import { classify } from "../../src/database/classify.ts";
import { hyperdriveTransport } from "../../src/database/hyperdriveTransport.ts";
import { attachedOldMarks, detachMarks, newestMark } from "../../src/database/maintenance.ts";
import { neonTransport, useNeonEndpoint } from "../../src/database/neonTransport.ts";
import { type Transport, TransportFailure } from "../../src/database/transport.ts";
import { uuidv7 } from "../../src/database/uuid.ts";
import { deleteExpiredSessions } from "../../src/marketplace/queries/nightly.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";
import { startTestCluster } from "./support/cluster.ts";

const DAY_MS = 86_400_000;
const RUN_MS = 30_000;

/** Nobody else may wait longer than this for the clean-up. */
const OTHERS_WAIT_MS = 1_000;

let bed: Awaited<ReturnType<typeof startTestCluster>>;
let connectionString: string;
let a: Client;
const opened: { end(): Promise<unknown> }[] = [];

beforeAll(async () => {
  bed = await startTestCluster();
  connectionString = (await bed.cluster.resolve("primary")).connectionString;
  await migrate({ connectionString });
});
afterAll(() => bed.stop());
beforeEach(async () => {
  a = await connected();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.end()));
});

async function connected(user?: string): Promise<Client> {
  const address = user ? connectionString.replace("breakwater:breakwater@", `${user}:x@`) : connectionString;
  const client = new Client({ connectionString: address });
  client.on("error", () => {});
  await client.connect();
  opened.push(client);
  return client;
}

/** A cron's work over a transport, as a request's scope would give it. `skewMs`: how far the caller's clock is ahead. */
function workOver(transport: Transport, skewMs = 0): Work & { readonly sent: [name: string, rowCount: number][] } {
  const now = () => Date.now() + skewMs;
  const sent: [string, number][] = [];
  opened.push({ end: () => transport.close() });
  return {
    sent,
    now,
    endAt: now() + RUN_MS,
    wrote: () => undefined,
    ask: async (statement, ms) => {
      try {
        const value = await transport.query(statement, AbortSignal.timeout(ms));
        sent.push([statement.name, value.rowCount]);
        return { ok: true, value };
      } catch (failure) {
        if (!(failure instanceof TransportFailure)) throw failure;
        return { ok: false, failure, judgement: classify(failure, { timedOut: false, onReplica: false }) };
      }
    },
  };
}

const work = (skewMs = 0) => workOver(hyperdriveTransport(connectionString), skewMs);

const rows = async (text: string, values: unknown[] = []) => (await a.query(text, values)).rows;

/** `marks_20261124` of so many days ago. */
const dayOf = (daysAgo: number) =>
  `marks_${new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")}`;

/** Days of marks of so many days ago, with one mark each. */
async function makeDays(...daysAgo: number[]): Promise<void> {
  for (const ago of daysAgo) {
    const [from, to] = [ago, ago - 1].map((days) => `date_trunc('day', now(), 'UTC') - ${days} * interval '24 hours'`);
    const [bounds] = await rows(`SELECT breakwater.first_id(${from}) AS low, breakwater.first_id(${to}) AS high`);
    await a.query(`CREATE TABLE breakwater.${dayOf(ago)} PARTITION OF breakwater.marks
      FOR VALUES FROM ('${bounds?.low}') TO ('${bounds?.high}')`);
    await a.query("INSERT INTO breakwater.marks (id, tags) VALUES ($1, '{t}')", [uuidv7(Date.now() - ago * DAY_MS)]);
  }
}

/** The tables of days up to yesterday, attached or not. */
async function pastDays(): Promise<string[]> {
  const found = await rows(
    "SELECT relname AS name FROM pg_class WHERE relname ~ '^marks_\\d{8}$' AND relname <= $1 ORDER BY 1",
    [dayOf(1)],
  );
  return found.map(({ name }) => name);
}

const mark = (client: Client) => client.query("SELECT breakwater.mark($1, '{t}', 1)", [uuidv7(Date.now())]);

let daysAhead = 20;

/** What it took others at most, in milliseconds, to write and read marks and to make partitions, meanwhile. */
async function othersDuring(job: Promise<unknown>): Promise<number> {
  const other = await connected();
  let isOver = false;
  let longestMs = 0;
  let madeAt = 0;
  const makePartition = async () => {
    if (performance.now() - madeAt < 100) return;
    madeAt = performance.now();
    await other.query("SELECT breakwater.ensure_partitions($1)", [daysAhead++]);
  };
  const over = job.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const ask of [
      () => mark(other),
      () => other.query("SELECT 1 FROM breakwater.marks WHERE id = $1", [uuidv7(Date.now())]),
      () => other.query("SELECT count(*) FROM breakwater.marks"),
      makePartition,
    ]) {
      const startedAt = performance.now();
      await ask();
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    }
  }
  await over;
  return longestMs;
}

describe("old marks", () => {
  it.each([
    ["right", 0, [4, 3, 2]],
    ["ten days ahead", 10 * DAY_MS, [4, 3, 2]],
    ["two days behind", -2 * DAY_MS, [4]],
    ["ten days behind", -10 * DAY_MS, []],
  ])("are days that ended 24 hours ago by both clocks: the caller's is %s", async (_, skewMs, daysAgo) => {
    await a.query("BEGIN");
    await makeDays(2, 3, 4);
    const { text, values } = attachedOldMarks(Date.now() + skewMs);
    const found = await rows(text, [...values]);
    await a.query("ROLLBACK");
    expect(found.map(({ partition }) => partition)).toEqual(daysAgo.map(dayOf));
  });

  it("are dropped; yesterday's, today's and later ones are not, and a claim of a dropped day is expired", async () => {
    await makeDays(2, 3, 4);
    const late = uuidv7(Date.now() - 2 * DAY_MS);
    const done = await cleanUp(work(10 * DAY_MS), []);
    expect(done).toMatchObject({ outcome: "ok", note: "", detail: { daysOfMarksDropped: 3, daysOfMarksBusy: 0 } });
    expect(await pastDays()).toEqual([dayOf(1)]);
    await mark(a);
    const [{ outcome }] = await rows("SELECT breakwater.claim($1, '{t}', 1) AS outcome", [late]);
    expect(outcome).toBe("expired");
  });

  it("stay where their name and their bounds do not say the same day", async () => {
    await a.query("BEGIN");
    await makeDays(2);
    const odd = dayOf(9);
    await a.query(`ALTER TABLE breakwater.${dayOf(1)} RENAME TO ${odd}`);
    const { text, values } = attachedOldMarks(Date.now());
    const found = await rows(text, [...values]);
    await a.query("ROLLBACK");
    expect(found).toEqual([{ partition: dayOf(2) }]);
  });

  it("are dropped through Neon's protocol as well", async () => {
    await makeDays(2);
    const nodes = await bed.cluster.nodes();
    const proxy = await startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) });
    opened.push({ end: () => proxy.close() });
    useNeonEndpoint(`${proxy.url}/sql`);
    const { name } = await bed.cluster.resolve("primary");
    const neon = neonTransport(`postgres://breakwater:breakwater@${name}.breakwater.local/marketplace`);
    const done = await cleanUp(workOver(neon), []);
    expect(done).toMatchObject({ outcome: "ok", detail: { daysOfMarksDropped: 1 } });
    expect(await pastDays()).toEqual([dayOf(1)]);
  });

  it("keep nobody waiting beside a reader and a writer left open, and go when those have ended", async () => {
    await makeDays(2, 3);
    const reader = await connected();
    const writer = await connected();
    await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await reader.query("SELECT count(*) FROM breakwater.marks");
    await writer.query("BEGIN");
    await mark(writer);
    const first = cleanUp(work(), []);
    const longestMs = await othersDuring(first);
    expect(await first).toMatchObject({ outcome: "ok", note: "left over: marks", detail: { daysOfMarksBusy: 1 } });
    expect(longestMs).toBeLessThan(OTHERS_WAIT_MS);
    expect((await reader.query("SELECT 1 FROM breakwater.marks LIMIT 1")).rowCount).toBe(1);

    await writer.query("COMMIT");
    const beside = cleanUp(work(), []);
    expect(await othersDuring(beside)).toBeLessThan(OTHERS_WAIT_MS);
    expect(await beside).toMatchObject({ outcome: "ok", note: "left over: marks", detail: { daysOfMarksBusy: 1 } });

    await reader.query("COMMIT");
    const after = cleanUp(work(), []);
    expect(await othersDuring(after)).toBeLessThan(OTHERS_WAIT_MS);
    expect(await after).toMatchObject({ outcome: "ok", note: "", detail: { daysOfMarksDropped: 2 } });
    expect(await pastDays()).toEqual([dayOf(1)]);
  });

  it("are finished by the next run when the one that detached them is gone", async () => {
    await makeDays(2, 3);
    const writer = await connected();
    await writer.query("BEGIN");
    await mark(writer);
    const gone = hyperdriveTransport(connectionString);
    const giveUp = new AbortController();
    const given = gone.query(detachMarks(dayOf(3)), giveUp.signal);
    const pending = async () => {
      const [row] = await rows("SELECT count(*)::int AS pending FROM pg_inherits WHERE inhdetachpending");
      return row?.pending;
    };
    await expect.poll(pending, { timeout: 5_000 }).toBe(1);
    giveUp.abort();
    await expect(given).rejects.toMatchObject({ kind: "aborted" });
    // Its server process would go on, and end the detach by itself when the writer has ended.
    const backends = "FROM pg_stat_activity WHERE query LIKE '%DETACH PARTITION%CONCURRENTLY' AND state = 'active'";
    await rows(`SELECT pg_terminate_backend(pid) ${backends}`);
    const detaching = async () => (await rows(`SELECT count(*)::int AS n ${backends}`))[0]?.n;
    await expect.poll(detaching, { timeout: 5_000 }).toBe(0);
    await writer.query("COMMIT");
    const done = await cleanUp(work(), []);
    expect(done).toMatchObject({ outcome: "ok", note: "", detail: { daysOfMarksDropped: 2 } });
    expect(await pastDays()).toEqual([dayOf(1)]);
  });

  it("are dropped once, and without a failure, by several runs at once", async () => {
    for (let round = 0; round < 8; round++) {
      await makeDays(2, 3, 4, 5);
      const runs = await Promise.all([cleanUp(work(), []), cleanUp(work(), []), cleanUp(work(), [])]);
      expect(runs.map(({ outcome, note }) => [outcome, note.replace("left over: marks", "")])).toEqual(
        runs.map(() => ["ok", ""]),
      );
      const last = await cleanUp(work(), []);
      const dropped = [...runs, last].map(({ detail }) => Number(detail.daysOfMarksDropped));
      expect(dropped.reduce((sum, each) => sum + each)).toBe(4);
      expect(await pastDays()).toEqual([dayOf(1)]);
    }
  });

  it("stay, and the run has failed, where the role may not drop them; what else there is to do is done", async () => {
    await makeDays(2);
    await a.query(`INSERT INTO breakwater.requests VALUES ('\\x01', gen_random_uuid(), '\\x01', NULL, now() - interval '25 h');
      DROP ROLE IF EXISTS sweeper; CREATE ROLE sweeper LOGIN PASSWORD 'x';
      GRANT USAGE ON SCHEMA breakwater TO sweeper; GRANT SELECT, UPDATE, DELETE ON breakwater.requests TO sweeper`);
    const transport = hyperdriveTransport(connectionString.replace("breakwater:breakwater@", "sweeper:x@"));
    const done = await cleanUp(workOver(transport), []);
    expect(done).toMatchObject({ outcome: "failed", detail: { "breakwater.forget-requests": 1 } });
    expect(done.note).toMatch(/^left over: marks; .*breakwater.detach-marks: must be owner of table/);
    expect(await pastDays()).toEqual([dayOf(2), dayOf(1)]);
    await a.query("DROP OWNED BY sweeper; DROP ROLE sweeper");
    await cleanUp(work(), []);
  });
});

describe("old idempotency keys", () => {
  const add = (count: number, age: string) =>
    a.query(
      `INSERT INTO breakwater.requests (key, mark, fingerprint, at)
        SELECT sha256(($2 || i)::bytea), gen_random_uuid(), '\\x01', now() - $2::interval FROM generate_series(1, $1::int) i`,
      [count, age],
    );
  const left = async () => (await rows("SELECT count(*)::int AS n FROM breakwater.requests"))[0]?.n;

  it("are deleted a thousand at a time; those of the last 24 hours stay, also by a clock that runs ahead", async () => {
    await add(2_500, "25 hours");
    await add(10, "23 hours 59 minutes");
    const own = work(DAY_MS);
    const done = await cleanUp(own, []);
    expect(done.detail["breakwater.forget-requests"]).toBe(2_500);
    const counts = own.sent.filter(([name]) => name === "breakwater.forget-requests").map(([, rowCount]) => rowCount);
    expect(counts).toEqual([1_000, 1_000, 500, 0]);
    expect(await left()).toBe(10);
    await a.query("TRUNCATE breakwater.requests");
  });

  it("are left to the next run where somebody holds them, and each is deleted by one of two runs", async () => {
    await add(3_000, "25 hours");
    const holder = await connected();
    await holder.query("BEGIN");
    await holder.query("SELECT 1 FROM breakwater.requests LIMIT 1 FOR UPDATE");
    const runs = await Promise.all([cleanUp(work(), []), cleanUp(work(), [])]);
    const deleted = runs.map(({ detail }) => Number(detail["breakwater.forget-requests"]));
    expect(deleted.reduce((sum, each) => sum + each)).toBe(2_999);
    await holder.query("COMMIT");
    await cleanUp(work(), []);
    expect(await left()).toBe(0);
  });
});

describe("the application's expired sessions", () => {
  it("are deleted in batches until there are none; others stay", async () => {
    await a.query(`INSERT INTO users (id, email, name, role, password_hash)
      VALUES ('01900000-0000-7000-8000-00000000000a', 'ada@example.com', 'Ada', 'creator', '!')`);
    await a.query(`INSERT INTO sessions (id, token_hash, user_id, expires_at)
      SELECT gen_random_uuid(), sha256(i::text::bytea), '01900000-0000-7000-8000-00000000000a',
        now() + CASE WHEN i <= 25 THEN interval '-61 minutes' WHEN i <= 30 THEN interval '-59 minutes' ELSE interval '1 day' END
      FROM generate_series(1, 40) i`);
    const own = work();
    const done = await cleanUp(own, [deleteExpiredSessions(10)]);
    expect(done).toMatchObject({ outcome: "ok", detail: { "accounts.delete-expired-sessions": 25 } });
    expect(own.sent.slice(-4).map(([, rowCount]) => rowCount)).toEqual([10, 10, 5, 0]);
    expect(await rows("SELECT count(*)::int AS n FROM sessions")).toEqual([{ n: 15 }]);
  });
});

describe("the newest mark", () => {
  it("changes with every write, and with nothing else", async () => {
    const newest = async () => (await rows(newestMark.text))[0]?.id;
    await mark(a);
    const before = await newest();
    await a.query("SELECT breakwater.ensure_partitions(15)");
    await a.query(
      "INSERT INTO users (id, email, name, role, password_hash) SELECT id, 'x@y.z', 'X', 'creator', '!' FROM users LIMIT 0",
    );
    expect(await newest()).toBe(before);
    await mark(a);
    expect(await newest()).not.toBe(before);
  });
});

describe("the application's statistics", () => {
  /** A table of so many rows, of whose changes the server knows. */
  async function table(name: string, count: number): Promise<void> {
    await a.query(`CREATE TABLE ${name} (n int) WITH (autovacuum_enabled = off)`);
    await change(name, count);
  }
  async function change(name: string, count: number): Promise<void> {
    await a.query(`INSERT INTO ${name} SELECT generate_series(1, $1::int)`, [count]);
    await a.query("SELECT pg_stat_force_next_flush()");
  }
  const analysed = async (name: string) =>
    (await rows("SELECT last_analyze IS NOT NULL AS is FROM pg_stat_all_tables WHERE relid = $1::regclass", [name]))[0]
      ?.is;

  beforeEach(() => a.query("CREATE SCHEMA app; ANALYZE"));
  afterEach(() => a.query("DROP SCHEMA app CASCADE"));

  it("are taken where more than a thousand rows and two percent changed, the most outdated first", async () => {
    await table("app.small", 1_000);
    await table('app."odd ""name"""', 1_001);
    await table("app.large", 5_000);
    await table("app.steady", 100_000);
    await a.query("ANALYZE app.steady");
    await change("app.steady", 1_900);
    await a.query("CREATE TEMP TABLE passing AS SELECT generate_series(1, 2000)");
    const done = await takeStatistics(work());
    expect(done).toEqual({
      outcome: "ok",
      note: 'analysed: app.large, app."odd ""name"""',
      detail: { analysed: 2, remaining: 0, refused: 0 },
    });
    expect(await analysed("app.large")).toBe(true);
    await change("app.steady", 200);
    expect((await takeStatistics(work())).note).toBe("analysed: app.steady");
    expect((await takeStatistics(work())).note).toBe("");
  });

  it("are taken of at most eight tables a run, and how many remain is said", async () => {
    for (let index = 0; index < 10; index++) await table(`app.t${index}`, 1_100);
    expect((await takeStatistics(work())).detail).toEqual({ analysed: 8, remaining: 2, refused: 0 });
    expect((await takeStatistics(work())).detail).toEqual({ analysed: 2, remaining: 0, refused: 0 });
  });

  it("are not waited for where somebody holds the table, and one that fails does not keep the others", async () => {
    await table("app.held", 3_000);
    await table("app.broken", 2_000);
    await table("app.fine", 1_500);
    await a.query(`CREATE FUNCTION app.f(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n; END';
      CREATE INDEX ON app.broken (app.f(n));
      CREATE OR REPLACE FUNCTION app.f(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n / 0; END'`);
    const holder = await connected();
    await holder.query("BEGIN; LOCK TABLE app.held IN SHARE UPDATE EXCLUSIVE MODE");
    const startedAt = performance.now();
    const done = await takeStatistics(work());
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(done).toMatchObject({
      outcome: "ok",
      note: "analysed: app.fine; locked: app.held; failed: app.broken",
      detail: { analysed: 1, remaining: 1 },
    });
    await holder.query("COMMIT");
  });

  it("are taken by a role that owns nothing only where it may, and how many it may not is said", async () => {
    await table("app.theirs", 2_000);
    await table("app.maintained", 2_000);
    await table("app.own", 2_000);
    await a.query(`DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'x';
      GRANT USAGE ON SCHEMA breakwater, app TO guest;
      GRANT MAINTAIN ON app.maintained TO guest; ALTER TABLE app.own OWNER TO guest`);
    const guest = hyperdriveTransport(connectionString.replace("breakwater:breakwater@", "guest:x@"));
    const done = await takeStatistics(workOver(guest));
    expect(done).toMatchObject({
      outcome: "ok",
      note: "analysed: app.maintained, app.own",
      detail: { analysed: 2, remaining: 0, refused: 1 },
    });
    expect(await analysed("app.theirs")).toBe(false);
    await a.query("DROP OWNED BY guest; DROP ROLE guest");
  });
});
