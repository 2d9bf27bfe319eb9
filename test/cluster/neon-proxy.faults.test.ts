import { neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";
import { type Bed, post, startBed, until } from "./neon-proxy.bed.ts";

let bed: Bed;
beforeAll(async () => {
  bed = await startBed();
  await bed.direct.query("CREATE TABLE written (n int)");
});
beforeEach(() => bed.direct.query("TRUNCATE written"));
afterEach(() => bed.proxy.faults.clear());
afterAll(() => bed.stop());

const WRITE = { query: "INSERT INTO written VALUES (1)" };
const written = async () => (await bed.direct.query("SELECT * FROM written")).rows.length;
const admin = (method: string, path: string, body?: unknown) =>
  fetch(`${bed.proxy.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

async function timed<T>(work: Promise<T>): Promise<{ ms: number; result: T }> {
  const started = performance.now();
  const result = await work;
  return { ms: performance.now() - started, result };
}

/** A request that never gets an answer: the error's cause, or `left` once `signal` gave it up. */
const unanswered = (signal: AbortSignal | null = null) =>
  post(bed, WRITE, {}, signal).then(
    () => "answered",
    (error: Error) => (signal?.aborted ? "left" : ((error.cause as { code?: string })?.code ?? error.message)),
  );

describe("delays", () => {
  test("delayMs is added before the answer, and the write is done before the delay", async () => {
    bed.proxy.faults.set("node-1", { delayMs: 300 });
    const answer = timed(post(bed, WRITE));
    await until("it is written", async () => (await written()) === 1);
    const { ms, result } = await answer;
    expect(result.status).toBe(200);
    expect(ms).toBeGreaterThanOrEqual(295);
  });

  test("delayMs makes an error late as well", async () => {
    bed.proxy.faults.set("node-1", { delayMs: 100, status: 500 });
    const { ms, result } = await timed(post(bed, WRITE));
    expect([result.status, ms >= 95]).toEqual([500, true]);
  });

  test.each([
    [{ kind: "uniform", fromMs: 60, toMs: 90 }, 55],
    [{ kind: "normal", meanMs: 80, deviationMs: 0 }, 75],
  ] as const)("%j is drawn for each request", async (distribution, atLeast) => {
    bed.proxy.faults.set("node-1", { distribution });
    expect((await timed(post(bed, WRITE))).ms).toBeGreaterThanOrEqual(atLeast);
  });

  test("hiddenRetryMs keeps the news of a dead node back", async () => {
    const toDead = { "Neon-Connection-String": bed.connectionString.replace("node-1", "node-dead") };
    bed.proxy.faults.set("node-dead", { hiddenRetryMs: 200 });
    const { ms, result } = await timed(post(bed, WRITE, toDead));
    expect([result.status, ms >= 195]).toEqual([500, true]);
  });

  test("asleepMs makes the first answer late, and the next ones only after five idle minutes", async () => {
    bed.proxy.faults.set("node-1", { asleepMs: 200 });
    const late = async () => (await timed(post(bed, WRITE))).ms >= 195;
    expect(await late()).toBe(true);
    bed.clock.now += 1_000;
    expect(await late()).toBe(false);
    bed.clock.now += 4 * 60_000;
    expect(await late()).toBe(false);
    bed.clock.now += 5 * 60_000;
    expect(await late()).toBe(true);
  });

  test("everybody who asks a sleeping node waits until it is awake", async () => {
    bed.proxy.faults.set("node-1", { asleepMs: 200 });
    const answers = await Promise.all([timed(post(bed, WRITE)), timed(post(bed, WRITE))]);
    expect(answers.map(({ ms }) => ms >= 195)).toEqual([true, true]);
  });
});

describe("lost answers", () => {
  test.each([
    [true, 0],
    [1, 0],
    [{ when: "before" }, 0],
    [{ chance: 1, when: "after" }, 1],
  ] as const)("drop %j resets the connection and leaves %i rows", async (drop, rows) => {
    bed.proxy.faults.set("node-1", { drop });
    expect(await unanswered()).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(await written()).toBe(rows);
  });

  test("drop with a chance and a seed drops the same requests in every run", async () => {
    const run = async () => {
      bed.proxy.faults.set("node-1", { drop: 0.5, seed: 7 });
      const outcomes: boolean[] = [];
      for (let n = 0; n < 12; n += 1) outcomes.push((await unanswered()) === "answered");
      return outcomes;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set([true, false]));
    expect(await run()).toEqual(first);
  });

  test.each([
    [true, 0],
    [{ when: "after" }, 1],
  ] as const)("blackHole %j never answers and leaves %i rows", async (blackHole, rows) => {
    bed.proxy.faults.set("node-1", { blackHole });
    const client = new AbortController();
    const answer = unanswered(client.signal);
    await until(
      "the request hangs",
      async () => bed.proxy.stats()["node-1"]?.inFlight === 1 && (await written()) === rows,
    );
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, "still hangs"))]);
    expect(first).toBe("still hangs");
    client.abort();
    expect(await answer).toBe("left");
    expect(await written()).toBe(rows);
    await until("it is forgotten", async () => bed.proxy.stats()["node-1"]?.inFlight === 0);
  });

  test("the driver says of a dropped connection that it could not connect", async () => {
    bed.proxy.faults.set("node-1", { drop: true });
    neonConfig.fetchEndpoint = () => `${bed.proxy.url}/sql`;
    await expect(neon(bed.connectionString)`SELECT 1`).rejects.toThrow("Error connecting to database");
  });
});

describe("false answers", () => {
  test.each([500, 502])("status %i is a failed connect in Neon's shape", async (status) => {
    bed.proxy.faults.set("node-1", { status });
    const answer = await post(bed, WRITE);
    expect([answer.status, answer.json.message, answer.json.code]).toEqual([
      status,
      "Couldn't connect to compute node",
      "",
    ]);
    expect(await written()).toBe(0);
  });

  test.each([408, 429, 503])("status %i is the router's, with msg", async (status) => {
    bed.proxy.faults.set("node-1", { status });
    const answer = await post(bed, WRITE);
    expect([answer.status, Object.keys(answer.json)]).toEqual([status, ["msg"]]);
  });

  test("a status may come after the commit", async () => {
    bed.proxy.faults.set("node-1", { status: { code: 500, when: "after" } });
    expect((await post(bed, WRITE)).status).toBe(500);
    expect(await written()).toBe(1);
  });

  test.each([
    [true, 0],
    [{ when: "after" }, 1],
  ] as const)("emptyCode %j is a 400 without a code and leaves %i rows", async (emptyCode, rows) => {
    bed.proxy.faults.set("node-1", { emptyCode });
    const { status, json } = await post(bed, WRITE);
    expect([status, json.code, json.severity]).toEqual([400, "", ""]);
    expect(await written()).toBe(rows);
  });
});

describe("which requests a fault touches", () => {
  test("times ends it by itself", async () => {
    bed.proxy.faults.set("node-1", { status: 500, times: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await post(bed, WRITE)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test("times counts only the requests that chance hit", async () => {
    bed.proxy.faults.set("node-1", { drop: 0.3, times: 1, seed: 3 });
    const outcomes: string[] = [];
    for (let n = 0; n < 30; n += 1) outcomes.push(await unanswered());
    expect(outcomes.filter((outcome) => outcome !== "answered")).toHaveLength(1);
  });

  test("match asks for a query name, anywhere in a batch", async () => {
    bed.proxy.faults.set("node-1", { status: 500, match: "pitches.insert" });
    const named = async (names: string, body: unknown) => (await post(bed, body, { "Breakwater-Query": names })).status;
    expect(await named("pitches.browse", WRITE)).toBe(200);
    expect(await named("pitches.insert", WRITE)).toBe(500);
    expect(await named("users.insert, pitches.insert", { queries: [WRITE, WRITE] })).toBe(500);
    expect((await post(bed, WRITE)).status).toBe(200);
  });

  test("of several faults the first that matches counts", async () => {
    bed.proxy.faults.set("node-1", [{ match: "a", status: 500, times: 1 }, { status: 503 }]);
    const status = async (name: string) => (await post(bed, WRITE, { "Breakwater-Query": name })).status;
    expect([await status("b"), await status("a"), await status("a")]).toEqual([503, 500, 503]);
  });

  test("another node is not touched", async () => {
    bed.proxy.faults.set("node-dead", { status: 503 });
    expect((await post(bed, WRITE)).status).toBe(200);
  });
});

describe("the admin routes", () => {
  test("set, show and clear faults", async () => {
    expect((await admin("PUT", "/faults/node-1", { status: 500, times: 3 })).status).toBe(200);
    expect((await post(bed, WRITE)).status).toBe(500);
    const shown = await (await admin("GET", "/faults")).json();
    expect(shown).toEqual({ "node-1": [{ status: { code: 500, when: "before" }, times: 3, applied: 1, left: 2 }] });
    expect((await admin("DELETE", "/faults/node-1")).status).toBe(204);
    expect((await post(bed, WRITE)).status).toBe(200);
    await admin("PUT", "/faults/node-1", { status: 500 });
    expect((await admin("DELETE", "/faults")).status).toBe(204);
    expect(await (await admin("GET", "/faults")).json()).toEqual({});
  });

  test.each([
    [{ delayMs: -1 }, "delayMs: "],
    [{ delayMs: "1s" }, "delayMs: "],
    [{ drop: 2 }, "drop"],
    [{ drop: { chance: 2 } }, "drop"],
    [{ status: 404 }, "status: must be 408, 429 or 500 to 599"],
    [{ distribution: { kind: "pareto" } }, "distribution.kind: "],
    [{ distribution: { kind: "normal", meanMs: 1 } }, "distribution.deviationMs: "],
    [{ dealyMs: 1 }, "dealyMs"],
    [[{ times: 0 }], "0.times: "],
  ])("refuse %j with a 400 that names %j", async (fault, words) => {
    const response = await admin("PUT", "/faults/node-1", fault);
    expect(response.status).toBe(400);
    expect((await response.json()).message).toContain(words);
    expect(await (await admin("GET", "/faults")).json()).toEqual({});
  });

  test("refuse a node that is not there, and a body that is no JSON", async () => {
    const unknown = await admin("PUT", "/faults/node-9", {});
    expect([unknown.status, (await unknown.json()).message]).toEqual([404, 'there is no node "node-9"']);
    const malformed = await fetch(`${bed.proxy.url}/faults/node-1`, { method: "PUT", body: "{" });
    expect(malformed.status).toBe(400);
  });

  test("count by node and query name, until reset", async () => {
    await admin("DELETE", "/stats");
    await post(bed, WRITE, { "Breakwater-Query": "pitches.insert" });
    await post(bed, { queries: [WRITE, WRITE, WRITE] }, { "Breakwater-Query": "pitches.insert,marks.insert" });
    await post(bed, { query: "SELECT nope" });
    const stats = await (await admin("GET", "/stats")).json();
    expect(stats["node-1"]).toMatchObject({
      requests: 3,
      statements: { "pitches.insert": 2, "marks.insert": 1, unnamed: 2 },
      peaks: { "pitches.insert": 1, "marks.insert": 1 },
      errors: 1,
      inFlight: 0,
    });
    expect((await admin("DELETE", "/stats")).status).toBe(204);
    expect((await (await admin("GET", "/stats")).json())["node-1"]).toMatchObject({ requests: 0, statements: {} });
  });

  test("count how many of a name were under way at a time", async () => {
    await admin("DELETE", "/stats");
    await admin("PUT", "/faults/node-1", { delayMs: 300, match: "slow" });
    const slow = () => post(bed, { query: "SELECT 1" }, { "Breakwater-Query": "slow" });
    await Promise.all([slow(), slow(), slow(), post(bed, { query: "SELECT 1" }, { "Breakwater-Query": "other" })]);
    await slow();
    await admin("DELETE", "/faults/node-1");
    expect((await (await admin("GET", "/stats")).json())["node-1"].peaks).toEqual({ slow: 3, other: 1 });
  });
});

describe("closing", () => {
  test("is prompt while requests hang on a frozen backend and in a black hole", async () => {
    const address = await bed.direct.query("SELECT inet_server_port() AS port");
    const proxy = await startNeonProxy({ resolve: () => ({ host: "127.0.0.1", port: address.rows[0].port }) });
    const own = { ...bed, proxy };
    const sleep = "SELECT pg_sleep(30) /* closing */";
    proxy.faults.set("node-1", { blackHole: true, match: "hole" });
    const answers = Promise.allSettled([post(own, { query: sleep }), post(own, WRITE, { "Breakwater-Query": "hole" })]);
    const pid = await until("it runs", async () => {
      const found = await bed.direct.query("SELECT pid FROM pg_stat_activity WHERE query = $1 AND state = 'active'", [
        sleep,
      ]);
      return found.rows[0]?.pid as number | undefined;
    });
    process.kill(pid, "SIGSTOP");
    try {
      expect((await timed(proxy.close())).ms).toBeLessThan(500);
      expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  test("leaves no connection to Postgres open", async () => {
    const address = await bed.direct.query("SELECT inet_server_port() AS port");
    const proxy = await startNeonProxy({ resolve: () => ({ host: "127.0.0.1", port: address.rows[0].port }) });
    const named = { "Neon-Connection-String": `${bed.connectionString}?application_name=to_be_closed` };
    const open = async () => {
      const found = await bed.direct.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'to_be_closed'");
      return found.rows.length;
    };
    await post({ ...bed, proxy }, WRITE, named);
    expect(await open()).toBe(1);
    await proxy.close();
    await until("it is closed", async () => (await open()) === 0);
  });

  test("a preferred port is taken when free, and another when not", async () => {
    const first = await startNeonProxy({ port: bed.proxy.port, resolve: () => undefined });
    expect(first.port).not.toBe(bed.proxy.port);
    const { port } = first;
    await first.close();
    const second = await startNeonProxy({ port, resolve: () => undefined });
    expect(second.port).toBe(port);
    await second.close();
  });
});
