import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { parseConnectionString } from "../../tools/neon-proxy/connectionString.ts";
import { UpstreamPool } from "../../tools/neon-proxy/upstreamPool.ts";
import { type Bed, post, startBed, until } from "./neon-proxy.bed.ts";

let bed: Bed;
beforeAll(async () => {
  bed = await startBed();
});
afterAll(() => bed.stop());
afterEach(() => bed.proxy.faults.clear());

const RAW = { "Neon-Raw-Text-Output": "true", "Neon-Array-Mode": "true" };
const upstream = () => bed.proxy.stats()["node-1"]?.upstream ?? { connections: 0, idle: 0, waiting: 0 };
const value = async (query: string) => (await post(bed, { query }, RAW)).json.rows[0][0] as string;
const settled = () => until("every connection is idle", async () => upstream().idle === upstream().connections);

/** Backends that run exactly this text. */
async function running(query: string): Promise<number[]> {
  const found = await bed.direct.query("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = $1", [
    query,
  ]);
  return found.rows.map(({ pid }) => pid);
}

describe("nothing leaks into the next request", () => {
  test("a backend is used again", async () => {
    const first = await value("SELECT pg_backend_pid()");
    await settled();
    expect(await value("SELECT pg_backend_pid()")).toBe(first);
  });

  test.each([
    ["a setting", "SET work_mem = '7MB'", "SELECT current_setting('work_mem')", "4MB"],
    [
      "a setting by function",
      "SELECT set_config('work_mem', '7MB', false)",
      "SELECT current_setting('work_mem')",
      "4MB",
    ],
    ["a role", "SET ROLE pg_monitor", "SELECT current_user::text", "breakwater"],
    [
      "a temporary table",
      "CREATE TEMP TABLE leak (n int)",
      "SELECT count(*) FROM pg_class WHERE relname = 'leak'",
      "0",
    ],
    ["a prepared statement", "PREPARE leak AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements", "0"],
    [
      "an advisory lock",
      "SELECT pg_advisory_lock(7)",
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
      "0",
    ],
    ["a subscription", "LISTEN leak", "SELECT count(*) FROM pg_listening_channels()", "0"],
    ["a failure", "SELECT 1 / 0", "SELECT 1", "1"],
  ])("of %s", async (_what, statement, question, answer) => {
    await post(bed, { query: statement });
    await settled();
    expect(await value(question)).toBe(answer);
  });

  test.each([
    ["by a statement", { query: "BEGIN" }],
    ["inside a batch", { queries: [{ query: "COMMIT" }, { query: "BEGIN" }, { query: "SAVEPOINT a" }] }],
    [
      "by a statement that then fails",
      { queries: [{ query: "COMMIT" }, { query: "BEGIN" }, { query: "SELECT 1 / 0" }] },
    ],
  ])("of a transaction left open %s", async (_how, body) => {
    await bed.direct.query("CREATE TABLE IF NOT EXISTS kept (n int)");
    await bed.direct.query("TRUNCATE kept");
    await post(bed, body);
    await settled();
    await post(bed, { query: "INSERT INTO kept VALUES (1)" });
    expect((await bed.direct.query("SELECT * FROM kept")).rows).toEqual([{ n: 1 }]);
    const open = await bed.direct.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state ~ 'in transaction'",
    );
    expect(open.rows).toEqual([{ n: 0 }]);
  });
});

describe("the pool", () => {
  test("never holds more than 20 connections, and everybody is served", async () => {
    await bed.direct.query("SELECT pg_advisory_lock(9)");
    const answers = Array.from({ length: 60 }, () => value("SELECT 1 FROM pg_advisory_xact_lock_shared(9)"));
    await until("20 run and 40 wait", async () => upstream().connections === 20 && upstream().waiting === 40);
    await bed.direct.query("SELECT pg_advisory_unlock(9)");
    expect(await Promise.all(answers)).toEqual(Array(60).fill("1"));
    expect(upstream().connections).toBe(20);
  });

  test("opens none where one is free a moment later", async () => {
    const named = { "Neon-Connection-String": `${bed.connectionString}?application_name=one_after_another` };
    for (let n = 0; n < 50; n += 1) await post(bed, { query: "SELECT 1" }, named);
    const found = await bed.direct.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'one_after_another'",
    );
    expect(found.rows).toEqual([{ n: 1 }]);
  });

  test("forgets connections whose backend was ended while idle", async () => {
    await settled();
    await bed.direct.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
    await until("the pool is empty", async () => upstream().connections === 0);
    expect(await value("SELECT 1")).toBe("1");
  });
});

test("a connection is closed once it was idle for five minutes, and not before", async () => {
  const found = await bed.direct.query("SELECT inet_server_port() AS port");
  const address = { host: "127.0.0.1", port: found.rows[0].port };
  const target = parseConnectionString(bed.connectionString);
  const pool = new UpstreamPool(address, target, () => {});
  const { signal } = new AbortController();
  const isIdle = () => until("it is idle", async () => pool.counts.idle === 1);
  const connection = await pool.acquire(signal);
  pool.release(connection);
  await isIdle();
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    vi.setSystemTime(Date.now() + 4 * 60_000);
    pool.sweep();
    expect(await pool.acquire(signal)).toBe(connection);
    pool.release(connection);
    await isIdle();
    vi.setSystemTime(Date.now() + 5 * 60_000);
    pool.sweep();
  } finally {
    vi.useRealTimers();
  }
  await until("it is closed", async () => pool.counts.connections === 0);
});

describe("a backend that ends during a query", () => {
  test("by an administrator is Postgres' 57P01", async () => {
    const query = "SELECT pg_sleep(30) /* ended */";
    const answer = post(bed, { query });
    const [pid] = await until("it runs", async () => (await running(query)).length > 0 && running(query));
    await bed.direct.query("SELECT pg_terminate_backend($1)", [pid]);
    const { status, json } = await answer;
    expect([status, json.code, json.severity]).toEqual([400, "57P01", "FATAL"]);
  });

  test("without a word is 400 with an empty code", async () => {
    const query = "SELECT pg_sleep(30) /* killed */";
    const answer = post(bed, { query });
    const [pid] = await until("it runs", async () => (await running(query)).length > 0 && running(query));
    process.kill(pid ?? 0, "SIGKILL");
    const { status, json } = await answer;
    expect([status, json.code, json.severity, json.message]).toEqual([400, "", "", "connection closed"]);
    // Postgres restarts all of its backends after such a death, the direct connection's with them.
    await bed.restarted();
    expect(await value("SELECT 1")).toBe("1");
  });
});

describe("a client that leaves", () => {
  test("has its query cancelled, and the connection is used again", async () => {
    await value("SELECT 1");
    await settled();
    const pid = await value("SELECT pg_backend_pid()");
    await settled();
    const query = "SELECT pg_sleep(30) /* left */";
    const client = new AbortController();
    const answer = post(bed, { query }, {}, client.signal).catch(() => "left");
    await until("it runs", async () => (await running(query)).length > 0);
    client.abort();
    expect(await answer).toBe("left");
    await until("it is cancelled", async () => (await running(query)).length === 0);
    await settled();
    expect(await value("SELECT pg_backend_pid()")).toBe(pid);
    expect(bed.proxy.stats()["node-1"]?.abandoned).toBeGreaterThan(0);
  });

  test("in the middle of a batch leaves nothing of it behind", async () => {
    await bed.direct.query("CREATE TABLE left_behind (n int)");
    const sleep = "SELECT pg_sleep(30) /* batch */";
    const client = new AbortController();
    const queries = [{ query: "INSERT INTO left_behind VALUES (1)" }, { query: sleep }];
    const answer = post(bed, { queries }, {}, client.signal).catch(() => "left");
    await until("it runs", async () => (await running(sleep)).length > 0);
    client.abort();
    expect(await answer).toBe("left");
    await until("it is cancelled", async () => (await running(sleep)).length === 0);
    await settled();
    expect((await bed.direct.query("SELECT * FROM left_behind")).rows).toEqual([]);
  });

  test("rolls its batch back even when the statement outlives the cancellation", async () => {
    await bed.direct.query("CREATE TABLE outlived (n int)");
    const stubborn = "DO $$BEGIN PERFORM pg_sleep(30); EXCEPTION WHEN query_canceled THEN NULL; END$$";
    const client = new AbortController();
    const queries = [{ query: "INSERT INTO outlived VALUES (1)" }, { query: stubborn }];
    const answer = post(bed, { queries }, {}, client.signal).catch(() => "left");
    await until("it runs", async () => (await running(stubborn)).length > 0);
    client.abort();
    await answer;
    await until("it ends", async () => (await running(stubborn)).length === 0);
    await settled();
    expect((await bed.direct.query("SELECT * FROM outlived")).rows).toEqual([]);
  });

  test("of a frozen node does not keep its place in the pool, even when all places were taken so", async () => {
    await settled();
    // The postmaster and its backends are processes of their own: each has to be stopped.
    const frozen = [bed.postgresPid, ...(await bed.backends())];
    for (const pid of frozen) process.kill(pid, "SIGSTOP");
    try {
      const clients = Array.from({ length: 50 }, () => {
        const client = new AbortController();
        return { client, answer: post(bed, { query: "SELECT 1" }, {}, client.signal).catch(() => "left") };
      });
      await until("the pool is full", async () => upstream().connections === 20 && upstream().waiting > 0);
      for (const { client } of clients) client.abort();
      await Promise.all(clients.map(({ answer }) => answer));
      const left = performance.now();
      await until("all places are free", async () => upstream().connections === 0 && upstream().waiting === 0);
      expect(performance.now() - left).toBeLessThan(1_500);
    } finally {
      for (const pid of frozen) process.kill(pid, "SIGCONT");
    }
    expect(await value("SELECT 1")).toBe("1");
  });
});
