import { env, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { createWorker } from "../../../../src/createWorker.ts";
import type { Accounts } from "../../../../src/http/accounts.ts";
import type { Route } from "../../../../src/http/route.ts";
import { callObject } from "../../../../src/rpc/callObject.ts";
import { until } from "./lives.ts";

/** A deploy reaches Workers and objects minutes apart: for that time methods are called that are not there yet. */

afterEach(() => reset());

const TOKEN = "an-admin-token-for-tests";
const accounts: Accounts = { credentialOf: () => null, accountOf: async () => null };
const route: Route = {
  method: "GET",
  path: "/api/things",
  summary: "",
  access: "anonymous",
  answers: {},
  handle: async () => ({ status: 200, body: { said: "yes" } }),
};

/** A Worker of its own, whose Collectors are objects of a class that knows no `exchange`. */
function newerWorker() {
  const worker = createWorker({ routes: [route], accounts, version: "9" });
  const environment = {
    ...env,
    BREAKWATER_MODE: "on",
    SESSION_KEYS: "a-session-key-for-tests",
    ADMIN_TOKENS: TOKEN,
    NEON_ENDPOINT: "http://127.0.0.1:9/sql",
    DATABASE_URL_NODE_1: "postgres://user:password@node-1.invalid/db",
    COLLECTOR: env.CIRCUIT_BREAKER,
  };
  return async (path: string) => {
    const ctx = { waitUntil: (work: Promise<unknown>) => void work.catch(() => {}) }; // some of it lingers for 25 s
    const request = new Request(`https://app.example${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    const startedAt = Date.now();
    const response = await worker.fetch(request, environment, ctx);
    const tookMs = Date.now() - startedAt;
    return { status: response.status, tookMs, body: await response.json<{ parts: Record<string, string> }>() };
  };
}

test("a method that the object does not have is a failure like others, after one try", async () => {
  let tries = 0;
  const called = await callObject(
    () => env.CIRCUIT_BREAKER.getByName(crypto.randomUUID()) as unknown as { exchange(): Promise<string> },
    (stub) => {
      tries++;
      return stub.exchange();
    },
    { deadlineMs: 2_000, now: Date.now, random: Math.random, memory: { quotaUntil: 0 } },
  );
  // The test runner's objects say it in words of their own; the runtime's are `objectTrouble`'s to know.
  expect(called).toMatchObject({ kind: "failed", message: expect.stringContaining("does not implement") });
  expect(tries).toBe(1);
});

test("an isolate that is newer than its Collector answers all the same, and its admin says what is off", async () => {
  const ask = newerWorker();
  for (let request = 0; request < 3; request++) {
    const { status, body, tookMs } = await ask("/api/things");
    expect([status, body]).toEqual([200, { said: "yes" }]);
    expect(tookMs).toBeLessThan(100);
  }
  expect((await ask("/health")).status).toBe(200);
  const { body } = await until(
    () => ask("/admin"),
    (answer) => answer.body.parts.objects !== "on",
    3_000,
  );
  expect(body.parts.objects).toContain("does not implement");
});
