import { env, reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createWorker } from "../../../../src/createWorker.ts";
import type { Accounts } from "../../../../src/http/accounts.ts";
import { CORE_PROBLEMS } from "../../../../src/http/problems.ts";
import { LIVES, steps, until } from "./lives.ts";
import { breakerDigest, NODE, trouble } from "./messages.ts";
import { alarmInMs, rowsOf } from "./storage.ts";

afterEach(() => reset());

const TOKEN = "an-admin-token-for-tests";
const accounts: Accounts = { credentialOf: () => null, accountOf: async () => null };

/** A Worker of its own before the real objects. */
function operator(environment: object = {}) {
  const worker = createWorker({ routes: [], accounts, problems: CORE_PROBLEMS, version: "9" });
  const whole = {
    ...env,
    BREAKWATER_MODE: "on",
    SESSION_KEYS: "a-session-key-for-tests",
    ADMIN_TOKENS: TOKEN,
    NEON_ENDPOINT: "http://127.0.0.1:9/sql",
    DATABASE_URL_NODE_1: "postgres://user:password@node-1.invalid/db",
    ...environment,
  };
  const ctx = { waitUntil: (work: Promise<unknown>) => void work.catch(() => {}) };
  return async (path: string, body?: unknown, token = TOKEN) => {
    const request = new Request(`https://app.example/admin/breaker${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await worker.fetch(request, whole, ctx);
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return { status: response.status, headers: response.headers, json: await response.json<any>() };
  };
}

const hold = { node: NODE, state: "forced-open", reason: "maintenance", expiresInS: 60, expectedEpoch: 0 };

describe("an operator's order", () => {
  test("holds a node until it is released, and is history with its owner", async () => {
    const order = operator();
    const held = await order("/hold", { ...hold, owner: "ann" });
    expect([held.status, held.json]).toEqual([
      200,
      {
        kind: "done",
        incarnation: expect.any(Number),
        node: { name: NODE, state: "forced-open", epoch: 1, forMs: 60_000 },
      },
    ]);
    const { json } = await order("");
    expect(json.nodes[0]).toMatchObject({ state: "forced-open", epoch: 1, hold: { reason: "maintenance" } });
    expect(json.nodes[0].hold.owner).toMatch(/^ann, token [0-9a-f]{8}$/);
    const released = await order("/release", { node: NODE, expectedEpoch: 1 });
    expect([released.status, released.json.node]).toMatchObject([200, { state: "half-open", epoch: 2, forMs: 0 }]);
    const { transitions } = (await order("")).json;
    expect(transitions.map(({ to, evidence }: Record<string, string>) => [to, evidence])).toEqual([
      ["half-open", "released"],
      ["forced-open", "maintenance"],
    ]);
    expect(transitions[0].by).toMatch(/^token [0-9a-f]{8}$/);
  });

  test("of an epoch that is over is refused with 409, and does nothing", async () => {
    const order = operator();
    await order("/hold", hold);
    for (const [path, body] of [
      ["/hold", { ...hold, state: "forced-closed" }],
      ["/release", { node: NODE, expectedEpoch: 0 }],
    ] as const) {
      const { status, json } = await order(path, body);
      expect([status, json]).toMatchObject([409, { type: "/problems/stale-epoch" }]);
      expect(json.detail).toBe(`${NODE} is forced-open, in epoch 1.`);
    }
    expect((await order("")).json.nodes[0]).toMatchObject({ state: "forced-open", epoch: 1 });
  });

  test("to reincarnate makes the owner another", async () => {
    const order = operator();
    const before = (await order("/release", { node: NODE, expectedEpoch: 0 })).json.incarnation;
    const { status, json } = await order("/reincarnate", { reason: "restored to yesterday" });
    expect(status).toBe(200);
    expect(json.incarnation).toBeGreaterThan(before);
  });

  test.for<[string, string, object, string]>([
    ["an unknown node", "/hold", { ...hold, node: "node-9" }, "node"],
    ["no node", "/release", { expectedEpoch: 0 }, "node"],
    ["a state that nobody can be held in", "/hold", { ...hold, state: "open" }, "state"],
    ["no reason", "/hold", { ...hold, reason: "" }, "reason"],
    ["no end", "/hold", { ...hold, expiresInS: undefined }, "expiresInS"],
    ["an end that is now", "/hold", { ...hold, expiresInS: 0 }, "expiresInS"],
    ["an end beyond a day", "/hold", { ...hold, expiresInS: 86_401 }, "expiresInS"],
    ["no epoch", "/hold", { ...hold, expectedEpoch: undefined }, "expectedEpoch"],
    ["a field that nobody knows", "/hold", { ...hold, forever: true }, "forever"],
    ["no reason to reincarnate", "/reincarnate", {}, "reason"],
  ])("with %s is refused, and names the field", async ([, path, body, field]) => {
    const { status, json } = await operator()(path, body);
    expect([status, json.errors?.[0]?.field]).toEqual([400, field]);
  });

  test("is taken from admins alone, by POST alone", async () => {
    const order = operator();
    expect((await order("/hold", hold, "wrong")).status).toBe(401);
    const got = await order("/hold");
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    const posted = await order("", {});
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await order("")).json.nodes[0].hold).toBeNull();
  });

  test("that nobody confirmed may be in force all the same, and the answer says so", async () => {
    const older = operator({ CIRCUIT_BREAKER: env.COLLECTOR }); // of a class that knows no `hold`
    const { status, json } = await older("/hold", hold);
    expect([status, json.type]).toEqual([503, "/problems/unconfirmed"]);
    expect(json.detail).toContain("does not implement");
    const alone = await operator({ CIRCUIT_BREAKER: undefined })("/hold", hold);
    expect(alone.status).toBe(503);
  });

  test("is none while all is off", async () => {
    const { json } = await operator({ BREAKWATER_MODE: "off" })("/hold", hold);
    expect(json).toEqual({ mode: "off" });
    expect((await operator()("")).json.nodes[0].hold).toBeNull();
  });
});

describe.each(LIVES)("a CircuitBreaker $name", (life) => {
  const breaker = () =>
    steps<"digest" | "admin" | "hold" | "release">(env.CIRCUIT_BREAKER as unknown as DurableObjectNamespace, life);
  const order = (id: string, expectedEpoch: number) => ({
    id,
    owner: "ann",
    reason: "a drill",
    node: NODE,
    expectedEpoch,
  });

  test("keeps an order, takes it once, and ends it by its own alarm", async () => {
    const { stub, say } = breaker();
    const once = { ...order("once", 0), state: "forced-closed", expiresInMs: 1_500 };
    const first = await say("hold", once);
    expect(first).toMatchObject({ kind: "done", node: { state: "forced-closed", epoch: 1 } });
    const again = await say("hold", once);
    expect(again).toMatchObject({ kind: "done", node: { state: "forced-closed", epoch: 1 } });
    await say("digest", breakerDigest({ reports: [{ ...trouble("a", 1) }] }));
    expect((await say("admin")).nodes[0].state).toBe("forced-closed");
    expect(await alarmInMs(stub)).toBeLessThanOrEqual(1_500);
    const ask = async () => {
      await runDurableObjectAlarm(stub);
      return say("admin");
    };
    const { nodes, transitions } = await until(ask, (said) => said.nodes[0].hold === null, 5_000);
    expect(nodes[0].state).toBe("closed");
    expect(transitions[0]).toMatchObject({ from: "forced-closed", to: "closed", by: "ann" });
  });

  test("a shadow shows what would be, and release makes it so", async () => {
    const { say } = breaker();
    await say("hold", { ...order("a", 0), state: "shadow", expiresInMs: 60_000 });
    const standing = (each: object) => ({ ...each, epoch: 1 });
    const bad = trouble("a", 1);
    const report = { ...bad, outcomes: bad.outcomes.map(standing), standing: bad.standing.map(standing) };
    const { part } = await say("digest", breakerDigest({ reports: [report] }));
    expect(part.nodes[0]).toMatchObject({ state: "shadow", would: "open", epoch: 2 });
    expect(await say("release", order("b", 2))).toMatchObject({ kind: "done", node: { state: "open", epoch: 3 } });
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["an empty object", "{}"],
    ["a hold in no state", JSON.stringify(order("x", 0))],
  ])("refuses an order that is %s, and changes nothing", async (_, text) => {
    const { stub, say } = breaker();
    await say("admin");
    const before = await rowsOf(stub);
    await expect(say("hold", text)).rejects.toThrow("no order that this version understands");
    expect(await rowsOf(stub)).toEqual(before);
  });
});
