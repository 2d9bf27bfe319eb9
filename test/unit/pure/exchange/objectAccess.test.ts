import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ObjectAccess, objectBindings } from "../../../../src/exchange/objectAccess.ts";
import { ADMIN_DEADLINE_MS, QUOTA_PAUSE_MS } from "../../../../src/rpc/constants.ts";
import type { ObjectBindings } from "../../../../src/rpc/stubs.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Bindings whose objects answer every method alike; `opened` are the stubs that were asked for. */
function bound(answer: () => Promise<string> = async () => "said") {
  const opened: unknown[][] = [];
  const namespace = (binding: string) => ({
    getByName: (name: string, options?: object) => {
      opened.push([binding, name, options]);
      return { exchange: answer, admin: answer, stats: answer };
    },
  });
  const env = {
    COLLECTOR: namespace("COLLECTOR"),
    CIRCUIT_BREAKER: namespace("CIRCUIT_BREAKER"),
    REPLICA_COORDINATOR: namespace("REPLICA_COORDINATOR"),
    CACHE_COORDINATOR: namespace("CACHE_COORDINATOR"),
  };
  return { env, opened, access: new ObjectAccess(env as unknown as ObjectBindings, "enam") };
}

test("owners are reached by their one name beside the database, Collectors by theirs where their reporters are", async () => {
  const { access, opened } = bound();
  await access.breaker((stub) => stub.admin());
  await access.replicas((stub) => stub.admin());
  await access.cache((stub) => stub.admin());
  await access.collector("collector:weur:3", "weur", (stub) => stub.stats());
  expect(opened).toEqual([
    ["CIRCUIT_BREAKER", "breaker", { locationHint: "enam" }],
    ["REPLICA_COORDINATOR", "replicas", { locationHint: "enam" }],
    ["CACHE_COORDINATOR", "cache", { locationHint: "enam" }],
    ["COLLECTOR", "collector:weur:3", { locationHint: "weur" }],
  ]);
});

describe("a call", () => {
  test("ends at its deadline, whatever the object does", async () => {
    const { access } = bound(() => new Promise(() => undefined));
    const short = access.collector("collector:weur:0", "weur", (stub) => stub.stats(), 150);
    const long = access.breaker((stub) => stub.admin());
    await vi.advanceTimersByTimeAsync(150);
    expect(await short).toMatchObject({ kind: "failed", trouble: "timeout", tookMs: 150 });
    await vi.advanceTimersByTimeAsync(ADMIN_DEADLINE_MS);
    expect(await long).toMatchObject({ kind: "failed", trouble: "timeout", tookMs: ADMIN_DEADLINE_MS });
  });

  test("that finds the allowance spent stops the calls of all objects, for ten minutes", async () => {
    const answer = vi.fn(() => Promise.reject(new Error("Exceeded allowed duration in Durable Objects free tier.")));
    const { access, opened } = bound(answer);
    await access.breaker((stub) => stub.admin());
    expect(await access.cache((stub) => stub.admin())).toMatchObject({ trouble: "quota" });
    expect(opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(QUOTA_PAUSE_MS);
    await access.cache((stub) => stub.admin());
    expect(opened).toHaveLength(2);
  });
});

test("bindings are taken where all are there; else it is said which are missing", () => {
  const { env } = bound();
  expect(objectBindings(env)).toBe(env);
  const { CIRCUIT_BREAKER, REPLICA_COORDINATOR } = env;
  expect(objectBindings({ CIRCUIT_BREAKER, REPLICA_COORDINATOR })).toEqual({
    missing: ["COLLECTOR", "CACHE_COORDINATOR"],
  });
});
