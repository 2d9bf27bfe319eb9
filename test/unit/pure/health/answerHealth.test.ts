import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConfigError } from "../../../../src/config.ts";
import { HEALTH_WAIT_MS } from "../../../../src/health/constants.ts";
import { breakerPart, bumpsPart, replicasPart, verdict } from "../exchange/parts.ts";
import { askHealth, healthIsolate, TOKEN } from "./isolate.ts";

const MINUTE = 60_000;
const HEALTH_JSON = "application/health+json";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What its owner says of node-1: it answered just now, and its breaker is in this state. */
const part = (state: "closed" | "forced-open", more: object = {}) =>
  breakerPart({
    nodes: [verdict(state, { forMs: 3_600_000 })],
    health: [{ node: "node-1", successAgeMs: 1_000, failureAgeMs: null, queryAgeMs: 1_000 }],
    ...more,
  });

function heard(options: Parameters<typeof healthIsolate>[0] = {}) {
  const made = healthIsolate(options);
  made.database.view.adopt({ breaker: part("closed"), replicas: replicasPart(), bumps: bumpsPart() }, 0, Date.now());
  return made;
}

describe("who is told more than the status", () => {
  test.for<[string | undefined, string | undefined, boolean]>([
    [undefined, undefined, true],
    ["always", undefined, true],
    ["always", "another-token-altogether", true],
    ["admin", undefined, false],
    ["admin", "another-token-altogether", false],
    ["admin", TOKEN, true],
    ["off", undefined, false],
    ["off", TOKEN, false],
  ])("EXPOSE_HEALTH %s, token %s: %s", async ([EXPOSE_HEALTH, token, isDetailed]) => {
    const { state } = heard({ environment: { EXPOSE_HEALTH } });
    const who = token === undefined ? {} : { token };
    const asked = [{ ...who }, { ...who, accept: HEALTH_JSON }, { ...who, path: "/health/ready" }];
    for (const each of asked) {
      const { status, body, text } = await askHealth(state, each);
      expect(status).toBe(200);
      expect(body.status).toMatch(/^(healthy|pass)$/);
      expect((body.notes ?? []).length > 0).toBe(isDetailed);
      if (!isDetailed) expect(text).not.toContain("node-1");
    }
    const { body } = await askHealth(state, { ...who, accept: HEALTH_JSON });
    expect(Object.keys(body)).toEqual(isDetailed ? ["status", "version", "releaseId", "notes", "checks"] : ["status"]);
  });

  test.for<[string, unknown, readonly string[]]>([
    [
      "shown where everybody may see it",
      new ConfigError("BREAKWATER_NODES is missing.", true),
      ["BREAKWATER_NODES is missing."],
    ],
    ["hidden where not", new ConfigError("BREAKWATER_NODES is missing.", false), []],
    ["nobody else's words", new Error("postgres://u:s3kret@host"), ["not configured"]],
  ])("a wrong configuration is %s", async ([, trouble, notes]) => {
    for (const path of ["/health", "/health/ready"]) {
      const { status, body } = await askHealth(undefined, { path, trouble });
      expect([status, body.status, body.notes]).toEqual([path === "/health" ? 200 : 503, "unknown", notes]);
    }
  });
});

describe("the detail of health+json", () => {
  test("is one element for each node, cache, object and cron, under keys of a component and a measurement", async () => {
    const farther = [
      { name: "colo", trouble: undefined },
      { name: "kv", trouble: "503 from somewhere" },
    ];
    const { state, database } = heard({ names: ["node-1", "node-2"], farther });
    const crons = [{ cron: "* * * * *", endedAgeMs: 7 * MINUTE }];
    database.view.adopt({ bumps: bumpsPart({ version: 1, incarnation: Date.now(), crons }) }, 0, Date.now());
    const { body } = await askHealth(state, { accept: HEALTH_JSON });
    expect(body.status).toBe("pass"); // the crons are no reason to call the database unwell
    expect(body.notes).toEqual(["evidence 1 s old", "cron * * * * *: no run for 7 min"]);
    const shown = Object.entries(body.checks).map(([key, elements]) => [
      key,
      (elements as { componentId: string; status: string }[]).map(({ componentId, status }) => [componentId, status]),
    ]);
    expect(shown).toEqual([
      [
        "database:responses",
        [
          ["node-1", "pass"],
          ["node-2", "warn"],
        ],
      ],
      [
        "cache:responses",
        [
          ["colo", "pass"],
          ["kv", "warn"],
        ],
      ],
      ["cache:runway", [["hot-keys", "pass"]]],
      [
        "coordination:word",
        [
          ["breaker", "pass"],
          ["replicas", "pass"],
          ["cache", "pass"],
          ["objects", "warn"],
        ],
      ],
      ["crons:lastRun", [["* * * * *", "warn"]]],
    ]);
    for (const key of Object.keys(body.checks)) expect(key.split(":")).toHaveLength(2);
  });
});

describe("an isolate", () => {
  test("that knows nothing waits for one exchange, 150 ms at most", async () => {
    const { state, exchange, database } = healthIsolate();
    exchange.exchangeNow.mockImplementation(async () => {
      database.view.adopt({ breaker: part("closed") }, 0, Date.now());
      return true;
    });
    expect((await askHealth(state)).body.status).toBe("healthy");
    expect(exchange.exchangeNow.mock.calls.map(([ms]) => ms)).toEqual([HEALTH_WAIT_MS]);
  });

  test("whose view is past the hard horizon waits so too, and one whose view is younger does not", async () => {
    const { state, exchange } = heard();
    vi.setSystemTime(Date.now() + MINUTE);
    await askHealth(state);
    expect(exchange.exchangeNow).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 1);
    await askHealth(state);
    expect(exchange.exchangeNow).toHaveBeenCalledTimes(1);
  });

  test("does not wait for objects that do not answer, nor for liveness", async () => {
    const { state, exchange } = healthIsolate();
    await askHealth(state, { path: "/health/live" });
    exchange.hasFailed = true;
    await askHealth(state);
    expect(exchange.exchangeNow).not.toHaveBeenCalled();
  });

  test("whose every node is open goes on while hot answers are left, that much shorter by the age of the word", async () => {
    const { state, database } = healthIsolate();
    const health = [{ node: "node-1", successAgeMs: null, failureAgeMs: 1_000, queryAgeMs: null }];
    database.view.adopt({ breaker: part("forced-open", { health }) }, 0, Date.now());
    const runway = { ms: 60_000, keys: 5 };
    database.view.adopt({ bumps: bumpsPart({ version: 1, incarnation: Date.now(), runway }) }, 0, Date.now());
    vi.setSystemTime(Date.now() + 20_000);
    const { body } = await askHealth(state);
    expect(body).toMatchObject({ status: "degraded", services: { database: false, cache: true } });
    expect(body.notes.at(-1)).toBe("hot answers last 40 s without it");
    expect((await askHealth(state, { path: "/health/ready" })).status).toBe(200);
    vi.setSystemTime(Date.now() + 39_000);
    expect((await askHealth(state)).body.status).toBe("degraded");
    vi.setSystemTime(Date.now() + 1_000);
    expect((await askHealth(state)).body.status).toBe("unhealthy");
  });

  test("whose cache only observes has no runway, whatever the world's copies would last", async () => {
    const { state, database } = healthIsolate({ acts: false });
    const health = [{ node: "node-1", successAgeMs: null, failureAgeMs: 1_000, queryAgeMs: null }];
    const runway = { ms: 60_000, keys: 5 };
    const bumps = bumpsPart({ version: 1, incarnation: Date.now(), runway });
    database.view.adopt({ breaker: part("forced-open", { health }), bumps }, 0, Date.now());
    expect((await askHealth(state)).body).toMatchObject({ status: "unhealthy", services: { database: false } });
    expect((await askHealth(state, { path: "/health/ready" })).status).toBe(503);
  });

  test("whose every node is held open says so for as long as the order binds, however old the evidence", async () => {
    const { state, database } = healthIsolate();
    let version = 0;
    const say = (ageMs: number) => {
      version++;
      const health = [{ node: "node-1", successAgeMs: ageMs, failureAgeMs: null, queryAgeMs: ageMs }];
      database.view.adopt({ breaker: part("forced-open", { version, health }) }, 0, Date.now());
    };
    for (const heldForMs of [1_000, 90_001, 30 * MINUTE]) {
      say(heldForMs);
      const { body } = await askHealth(state);
      expect(body).toMatchObject({ status: "unhealthy", services: { database: false } });
      expect(body.notes).toEqual(["node-1 is held open by order", "no hot answer is left to give"]);
      expect((await askHealth(state, { path: "/health/ready" })).status).toBe(503);
    }
    // News stopped: past the hard horizon the order binds nobody, and what was seen is too old.
    vi.setSystemTime(Date.now() + MINUTE + 1);
    expect((await askHealth(state)).body.status).toBe("unknown");
  });

  test.for<[number | null | undefined, number, string]>([
    [30_000, 0, "degraded"],
    [10_000, 0, "healthy"],
    [null, 0, "healthy"],
    [undefined, 0, "healthy"],
    [30_000, MINUTE + 1, "healthy"],
  ])("whose map says %s ms behind, %d ms ago, is %s", async ([behindMs, mapAgeMs, status]) => {
    const { state, database } = heard();
    const node = { node: "node-1", role: "replica", lagBoundMs: null, position: null } as const;
    const nodes = [{ ...node, latencyMs: null, generation: null, reasons: [], behindMs }];
    database.view.adopt({ replicas: replicasPart({ version: 1, nodes }) }, mapAgeMs, Date.now());
    expect((await askHealth(state)).body.status).toBe(status);
  });
});
