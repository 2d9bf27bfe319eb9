import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import { clientOf, type Got, PITCH, signUp } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

/** A request may take its deadline and a little for the way. */
const DEADLINE_MS = 3_000 + 500;

describe("the Worker while nodes fail", () => {
  let system: TestSystem;
  let send: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    system = await startTestSystem(500);
    send = clientOf(system.worker.url);
  });
  afterAll(() => system.stop());
  afterEach(async () => {
    system.proxy.faults.clear();
    for (const { name, state } of await system.cluster.status()) {
      if (state === "paused") await system.cluster.resume(name);
    }
    for (const name of ["primary", "node-1", "node-2", "node-3"]) await system.cluster.start(name);
    await system.worker.scheduled("* * * * *"); // the isolate learns that all is well again
    // Connections that were killed in the endpoint's pool are found out by whoever uses them next.
    const writes = () =>
      signUp(send).then(
        () => true,
        () => false,
      );
    expect(await until(writes, 15_000)).toBe(true);
    // A node that just came back is sent little: with another harmed at that moment, requests would rightly be refused.
    const isWhole = async () => {
      await browse();
      const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
      const health = await fetch(`${system.worker.url}/admin/health`, { headers });
      const { nodes } = (await health.json()) as { nodes: { breaker: { state: string } }[] };
      return nodes.every(({ breaker }) => breaker.state === "closed");
    };
    expect(await until(isWhole, 15_000)).toBe(true);
  });

  const browse = () => send("/api/pitches?limit=5");
  const failed = (answers: readonly Got[]) => answers.filter(({ status }) => status !== 200).length;

  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const { connectionString } = await system.cluster.resolve("primary");
    const client = new Client({ connectionString });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The replica the isolate reads from now. */
  async function readFrom(): Promise<string> {
    const { headers } = await browse();
    return /^node-\d/.exec(headers.get("Breakwater-Route") ?? "")?.[0] ?? "";
  }

  it("fails no read when the replica it reads from is killed under 50 requests a second", async () => {
    const victim = await readFrom();
    const load = steadily(50, 6_000, browse);
    await load.after(1_500, () => system.cluster.kill(victim));
    const answers = await load.answers;
    expect(answers.length).toBe(300);
    expect(failed(answers)).toBe(0);
    expect(await readFrom()).not.toBe(victim);
  });

  it.each([
    ["frozen", (node: string) => system.cluster.pause(node)],
    ["a black hole", async (node: string) => system.proxy.faults.set(node, { blackHole: true })],
    ["dropping every connection", async (node: string) => system.proxy.faults.set(node, { drop: true })],
    ["answering 500", async (node: string) => system.proxy.faults.set(node, { status: 500 })],
    ["answering 400 without a code", async (node: string) => system.proxy.faults.set(node, { emptyCode: true })],
    ["slow by two seconds", async (node: string) => system.proxy.faults.set(node, { delayMs: 2_000 })],
  ])("fails no read while the replica it reads from is %s", async (_, harm) => {
    const victim = await readFrom();
    await harm(victim);
    const answers = await steadily(20, 2_000, browse).answers;
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([]);
    expect(await readFrom()).not.toBe(victim);
  });

  it("reads from the primary when no replica is left", async () => {
    await system.cluster.kill("node-2");
    await system.cluster.kill("node-3");
    const answers = await steadily(20, 1_000, browse).answers;
    expect(failed(answers)).toBe(0);
    expect(answers.at(-1)?.headers.get("Breakwater-Route")).toMatch(/^node-1;reason=spill/);
  });

  it("keeps reading and answers health at once while the primary is frozen; writes end inside their deadline", async () => {
    const { token } = await signUp(send);
    await system.cluster.pause("primary");
    const timed = (path: string, times: number[]) => async () => {
      const sentAt = performance.now();
      const got = await send(path);
      times.push(performance.now() - sentAt);
      return got;
    };
    const [asked, live]: [number[], number[]] = [[], []];
    const health = steadily(100, 3_000, timed("/health", asked));
    const besides = steadily(100, 3_000, timed("/health/live", live));
    const startedAt = performance.now();
    const write = await send("/api/pitches", { token, json: PITCH });
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS);
    expect([write.status, write.headers.get("Retry-After") !== null]).toEqual([503, true]);
    expect(failed(await steadily(20, 1_000, browse).answers)).toBe(0);
    const answers = await health.answers;
    expect(failed(answers)).toBe(0);
    await besides.answers;
    // Far below the time after which anything that waited for the frozen node would answer; and beyond what this machine
    // takes for an answer that asks nothing. (How fast it is on a quiet one is a figure of `npm run bench -- outage`.)
    const p99 = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
    expect(p99(asked)).toBeLessThan(p99(live) + 500);
    expect(await until(async () => (await send("/health")).body.status === "degraded", 15_000)).toBe(true);
  });

  it("says degraded, not ready and healthy again, from evidence alone", async () => {
    await system.cluster.kill("primary");
    // Nobody but /health itself asks for checks here, one each two seconds, of which it takes five.
    const says = (status: string) => until(async () => (await send("/health")).body.status === status, 20_000);
    expect(await says("degraded"), "degraded").toBe(true);
    expect((await send("/health/ready")).status).toBe(200);
    await system.cluster.kill("node-2");
    await system.cluster.kill("node-3");
    expect(await says("unhealthy"), "unhealthy").toBe(true);
    expect((await send("/health")).status).toBe(200);
    expect((await send("/health/ready")).status).toBe(503);
    for (const name of ["primary", "node-2", "node-3"]) await system.cluster.start(name);
    expect(await says("healthy"), "healthy").toBe(true);
  }, 120_000);

  it("calls a write whose answer was lost after COMMIT unknown, and then committed", async () => {
    const { token } = await signUp(send);
    system.proxy.faults.set("node-1", { drop: { chance: 1, when: "after" }, match: "pitches.insert", times: 1 });
    const lost = await send("/api/pitches", { token, json: { ...PITCH, title: "Lost and found" } });
    expect([lost.status, lost.body.type]).toEqual([503, "/problems/unknown-outcome"]);
    expect(lost.headers.get("Retry-After")).not.toBeNull();
    const outcome = await send(`/api/outcomes/${lost.body.outcome}`, { token });
    expect(outcome.body).toEqual({ id: lost.body.outcome, state: "committed" });
    const stranger = await signUp(send);
    expect((await send(`/api/outcomes/${lost.body.outcome}`, { token: stranger.token })).status).toBe(404);
    expect(await sql("SELECT 1 FROM pitches WHERE title = 'Lost and found'")).toHaveLength(1);
  });

  it("calls a write that never arrived unknown, and then void: it can never come any more", async () => {
    const { token } = await signUp(send);
    system.proxy.faults.set("node-1", { drop: { chance: 1, when: "before" }, match: "pitches.insert", times: 1 });
    const lost = await send("/api/pitches", { token, json: { ...PITCH, title: "Never there" } });
    expect(lost.body.type).toBe("/problems/unknown-outcome");
    const outcome = await send(`/api/outcomes/${lost.body.outcome}`, { token });
    expect(outcome.body.state).toBe("void");
    expect(await sql("SELECT 1 FROM pitches WHERE title = 'Never there'")).toHaveLength(0);
  });

  it("makes exactly one pitch a key through 200 retries while the primary's connections are killed", async () => {
    // Without its breaker: what would be refused reaches the database as well, whose connections die under it.
    const unguarded = clientOf((await system.another({ BREAKWATER_MODE_BREAKER: "off" })).url);
    const { id, token } = await signUp(unguarded);
    let isOver = false;
    let ended = 0;
    let kills = 0;
    const killer = (async () => {
      while (!isOver) {
        kills++;
        await sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`).catch(() => {});
        // Answers must get through between two kills, also on a slow machine: the next kill waits for some.
        const before = ended;
        await until(() => isOver || ended - before >= 10, 1_000);
      }
    })();
    let retries = 0;
    const keys = Array.from({ length: 40 }, () => crypto.randomUUID());
    const seen = new Map<string, Set<string>>(keys.map((key) => [key, new Set()]));
    const deadline = performance.now() + 90_000;
    const clients = Promise.all(
      keys.map(async (key) => {
        for (let answered = 0, tries = 0; (answered < 6 || kills < 12) && performance.now() < deadline; tries++) {
          const { status, body } = await unguarded("/api/pitches", {
            token,
            json: PITCH,
            headers: { "Idempotency-Key": key },
          });
          ended++;
          if (answered + tries > 0) retries++;
          if (status === 201) {
            answered++;
            seen.get(key)?.add(body.id);
          } else {
            expect([409, 503]).toContain(status);
            await sleep(50); // as who waits a moment and tries again
          }
        }
      }),
    );
    await clients.finally(async () => {
      isOver = true;
      await killer;
    });
    expect(retries).toBeGreaterThanOrEqual(200);
    expect(kills).toBeGreaterThanOrEqual(12);
    expect([...seen.values()].map((ids) => ids.size)).toEqual(keys.map(() => 1));
    const [row] = await sql(`SELECT count(*)::int AS n FROM pitches WHERE user_id = '${id}'`);
    expect(row?.n).toBe(keys.length);
  }, 120_000);

  it("writes to the new primary after a promotion, without any change of configuration", async () => {
    const { token } = await signUp(send);
    await system.cluster.kill("primary");
    await system.cluster.promote("node-2");
    const wrote = async () => (await send("/api/pitches", { token, json: PITCH })).status === 201;
    expect(await until(wrote, 10_000)).toBe(true);
    const { headers } = await send("/api/auth/session", { token });
    expect(headers.get("Breakwater-Route")).toMatch(/^node-2;reason=strict/);
  });
});
