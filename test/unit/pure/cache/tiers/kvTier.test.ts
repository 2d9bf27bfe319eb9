import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CacheEntry } from "../../../../../src/cache/entry.ts";
import {
  KV_CACHE_TTL_S,
  KV_KEY_GAP_MS,
  KV_MIN_LIFE_MS,
  KV_PAUSE_MS,
  KV_READ_MS,
  KV_WRITE_MS,
} from "../../../../../src/cache/tiers/constants.ts";
import { type KvStore, KvTier } from "../../../../../src/cache/tiers/kvTier.ts";
import { BreakableKv } from "../../../../../tools/cache/breakableKv.ts";
import { SimulatedKv } from "../../../../../tools/cache/simulatedKv.ts";
import { SLOW_MS, type StoreFault } from "../../../../../tools/cache/storeFault.ts";
import { entryOf, NOW } from "../entries.ts";

const PLACE = { environment: "production", version: 1 };
const ENTRY = entryOf();

beforeEach(() => vi.useFakeTimers({ now: NOW, toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => vi.useRealTimers());

const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function opened({
  mayWrite = () => true,
  visibleAfterMs = () => 60_000,
}: {
  mayWrite?: () => boolean;
  visibleAfterMs?: () => number;
} = {}) {
  const world = new SimulatedKv({ now: () => Date.now(), visibleAfterMs });
  const breakable = new BreakableKv(() => world.at("AMS"));
  const at = (location: string) => new KvTier({ store: world.at(location), place: PLACE, clock, mayWrite });
  return { world, breakable, at, tier: new KvTier({ store: breakable, place: PLACE, clock, mayWrite }) };
}

/** What becomes of it when everybody has waited for as long as anybody waits. */
async function settled<T>(work: Promise<T>): Promise<T> {
  await pass(KV_WRITE_MS + SLOW_MS);
  return work;
}

const later = (ms: number, changes: Partial<CacheEntry> = {}) =>
  entryOf({ loadedAt: NOW + ms, hash: `h${ms}`, ...changes });

test("what is written is read under its name, and told beside it", async () => {
  const calls: unknown[] = [];
  const store: KvStore = {
    get: async (...args) => {
      calls.push(args);
      return null;
    },
    put: async (key, _text, options) => {
      calls.push([key, options]);
    },
  };
  const tier = new KvTier({ store, place: PLACE, clock, mayWrite: () => true });
  await tier.get(ENTRY.key, NOW);
  await tier.put(ENTRY, NOW);
  const { hash, loadedAt, freshUntil, errorUntil } = ENTRY;
  expect(calls).toEqual([
    ["production/1/api/pitches", { type: "text", cacheTtl: KV_CACHE_TTL_S }],
    ["production/1/api/pitches", { expirationTtl: 3_600, metadata: { hash, loadedAt, freshUntil, errorUntil } }],
  ]);
});

describe("what KV would refuse is never asked of it", () => {
  test.for<[string, Partial<CacheEntry>, object]>([
    [
      "too short a life",
      { errorUntil: NOW + KV_MIN_LIFE_MS - 1, staleUntil: NOW },
      { kind: "skipped", why: "short-lived" },
    ],
    ["just long enough a life", { errorUntil: NOW + KV_MIN_LIFE_MS, staleUntil: NOW }, { kind: "stored" }],
    ["a long key", { key: `/api/${"é".repeat(1_000)}` }, { kind: "stored" }],
    ["a long hash", { hash: "€".repeat(64) }, { kind: "stored" }],
    ["a life without end", { errorUntil: Number.MAX_SAFE_INTEGER }, { kind: "stored" }],
  ])("%s", async ([, changes, says]) => {
    const { tier } = opened();
    expect(await tier.put(entryOf(changes), NOW)).toEqual(says);
    expect(tier.trouble).toBeUndefined();
  });

  test("a life that became too short while it waited for its turn", async () => {
    const { tier } = opened();
    await tier.put(ENTRY, NOW);
    const short = later(1, { errorUntil: NOW + KV_MIN_LIFE_MS + 1, staleUntil: NOW });
    expect(await settled(tier.put(short, NOW))).toEqual({ kind: "stored" });
  });
});

describe("in the world", () => {
  test("another location sees what was written within a minute and what it keeps, never later than that", async () => {
    const { at } = opened();
    const [here, there] = [at("AMS"), at("SYD")];
    expect(await there.get(ENTRY.key, NOW)).toEqual({ kind: "absent" });
    await here.put(ENTRY, NOW);
    expect(await here.get(ENTRY.key, NOW)).toHaveProperty("kind", "found");
    await pass(59_999);
    expect(await there.get(ENTRY.key, Date.now())).toEqual({ kind: "absent" });
    await pass(KV_CACHE_TTL_S * 1_000);
    expect(await there.get(ENTRY.key, Date.now())).toHaveProperty("kind", "found");
  });

  test("a location keeps what it read, and that there was nothing", async () => {
    const { at } = opened({ visibleAfterMs: () => 0 });
    const [here, there] = [at("AMS"), at("SYD")];
    expect(await there.get(ENTRY.key, NOW)).toEqual({ kind: "absent" });
    await here.put(ENTRY, NOW);
    expect(await there.get(ENTRY.key, NOW)).toEqual({ kind: "absent" });
    await pass(KV_CACHE_TTL_S * 1_000);
    expect(await there.get(ENTRY.key, Date.now())).toHaveProperty("kind", "found");
  });
});

describe("a key that is written more than once a second", () => {
  test("ends with the newest, and who was passed over is told", async () => {
    const { tier, world } = opened();
    const writes = [ENTRY, later(1), later(2), later(3)].map((entry) => tier.put(entry, NOW));
    await pass(0);
    expect(world.writes).toBe(1);
    await pass(KV_KEY_GAP_MS);
    expect(await Promise.all(writes)).toEqual([
      { kind: "stored" },
      { kind: "skipped", why: "too-often" },
      { kind: "skipped", why: "too-often" },
      { kind: "stored" },
    ]);
    expect(await tier.get(ENTRY.key, NOW)).toEqual({ kind: "found", entry: later(3) });
    expect([world.writes, world.refused]).toEqual([2, 0]);
  });

  test("does not let an older one take the place of the newest that waits", async () => {
    const { tier } = opened();
    await tier.put(ENTRY, NOW);
    const newest = tier.put(later(2), NOW);
    await pass(10);
    expect(await tier.put(later(1), NOW)).toEqual({ kind: "skipped", why: "older" });
    await pass(KV_KEY_GAP_MS);
    expect(await newest).toEqual({ kind: "stored" });
  });

  test("by two isolates: the second waits, and ends with the newest too", async () => {
    const { at, world } = opened();
    const [one, other] = [at("AMS"), at("SYD")];
    await one.put(ENTRY, NOW);
    const second = other.put(later(1), NOW);
    await pass(KV_KEY_GAP_MS);
    expect(await second).toEqual({ kind: "stored" });
    expect([world.writes, world.refused]).toEqual([2, 1]);
    expect(other.trouble).toBeUndefined();
  });

  test("by everybody all the time: says so, and is no failure of KV", async () => {
    const { tier, breakable } = opened();
    vi.spyOn(breakable, "put").mockRejectedValue(new Error("KV PUT failed: 429 Too Many Requests"));
    for (let time = 0; time < 5; time++) {
      expect(await settled(tier.put(later(time), Date.now()))).toEqual({ kind: "skipped", why: "too-often" });
    }
    expect(tier.trouble).toBeUndefined();
    expect(await tier.get(ENTRY.key, Date.now())).toEqual({ kind: "absent" });
  });

  test("does not wait for ever for a write whose request ended under it", async () => {
    const { tier, breakable } = opened();
    breakable.order("hanging");
    void tier.put(ENTRY, NOW); // never ends: nobody lets its timers ring
    await pass(0);
    breakable.order(null);
    const next = tier.put(later(1), NOW);
    await pass(KV_WRITE_MS + KV_KEY_GAP_MS);
    expect(await next).toEqual({ kind: "skipped", why: "too-often" });
    expect(await settled(tier.put(later(2), Date.now()))).toEqual({ kind: "stored" });
  });

  test("other keys go on meanwhile", async () => {
    const { tier } = opened();
    await tier.put(ENTRY, NOW);
    expect(await tier.put(entryOf({ key: "/api/other" }), NOW)).toEqual({ kind: "stored" });
  });
});

describe("the day's budget", () => {
  test("is asked once for each write, just before it, and never for one that is not made", async () => {
    const mayWrite = vi.fn(() => true);
    const { tier } = opened({ mayWrite });
    await tier.put(entryOf({ errorUntil: NOW, staleUntil: NOW }), NOW);
    expect(mayWrite).not.toHaveBeenCalled();
    const writes = [ENTRY, later(1), later(2)].map((entry) => tier.put(entry, NOW));
    await settled(Promise.all(writes));
    expect(mayWrite).toHaveBeenCalledTimes(2);
  });

  test("that is spent keeps nobody waiting, and what lies there stays", async () => {
    let left = 1;
    const { tier, world } = opened({ mayWrite: () => left-- > 0 });
    await tier.put(ENTRY, NOW);
    await pass(KV_KEY_GAP_MS);
    expect(await tier.put(later(1), Date.now())).toEqual({ kind: "skipped", why: "budget" });
    expect(await tier.put(later(2), Date.now())).toEqual({ kind: "skipped", why: "budget" });
    expect(await tier.get(ENTRY.key, Date.now())).toEqual({ kind: "found", entry: ENTRY });
    expect(world.writes).toBe(1);
  });
});

test("where no namespace is bound it costs nothing, and says so", async () => {
  const tier = new KvTier({ store: undefined, place: PLACE, clock, mayWrite: () => true });
  expect(await tier.put(ENTRY, NOW)).toEqual({ kind: "failed", trouble: "no KV namespace is bound" });
  expect(await tier.get(ENTRY.key, NOW)).toEqual({ kind: "failed", trouble: "no KV namespace is bound" });
  expect(tier.trouble).toBe("no KV namespace is bound");
});

describe("a KV that fails", () => {
  test.for<[StoreFault, "get" | "put", object]>([
    ["throwing", "get", { kind: "failed", trouble: "KV GET failed: 500 Internal Server Error" }],
    ["throwing", "put", { kind: "failed", trouble: "KV PUT failed: 500 Internal Server Error" }],
    ["hanging", "get", { kind: "failed", trouble: `no answer within ${KV_READ_MS} ms` }],
    ["hanging", "put", { kind: "failed", trouble: `no answer within ${KV_WRITE_MS} ms` }],
    ["slow", "get", { kind: "failed", trouble: `no answer within ${KV_READ_MS} ms` }],
    ["slow", "put", { kind: "stored" }],
    ["unreadable", "get", { kind: "corrupt" }],
    ["swallowing", "get", { kind: "absent" }],
    ["stale", "get", { kind: "found", entry: ENTRY }],
  ])("(%s on %s) is a miss of this tier, and loses nothing", async ([fault, act, says]) => {
    const { tier, breakable } = opened();
    await tier.put(ENTRY, NOW);
    await pass(KV_KEY_GAP_MS);
    breakable.order(fault);
    const now = Date.now();
    expect(await settled<object>(act === "get" ? tier.get(ENTRY.key, now) : tier.put(later(1), now))).toEqual(says);
    breakable.order(null);
    expect(await tier.get(ENTRY.key, Date.now())).toHaveProperty("kind", "found");
    expect(tier.trouble).toBeUndefined();
  });

  test("now and then stays in use", async () => {
    const { tier, breakable } = opened();
    for (let time = 0; time < 10; time++) {
      breakable.order("throwing");
      await tier.get(ENTRY.key, NOW);
      breakable.order(null);
      expect(await tier.get(ENTRY.key, NOW)).toEqual({ kind: "absent" });
    }
  });

  test("three times in a row is left alone for a while, and then tried again", async () => {
    const { tier, breakable } = opened();
    breakable.order("throwing");
    for (let time = 0; time < 3; time++) {
      expect(tier.trouble).toBeUndefined();
      await tier.get(ENTRY.key, NOW);
    }
    expect(tier.trouble).toBe("KV GET failed: 500 Internal Server Error");
    expect(await tier.get(ENTRY.key, NOW + KV_PAUSE_MS - 1)).toHaveProperty("kind", "failed");
    expect(await tier.put(ENTRY, NOW + KV_PAUSE_MS - 1)).toHaveProperty("kind", "failed");
    expect(breakable.order("throwing")).toBe(3);
    await tier.get(ENTRY.key, NOW + KV_PAUSE_MS);
    await tier.get(ENTRY.key, NOW + KV_PAUSE_MS);
    expect(breakable.order(null)).toBe(1);
    expect(await tier.get(ENTRY.key, NOW + 2 * KV_PAUSE_MS)).toEqual({ kind: "absent" });
    expect(tier.trouble).toBeUndefined();
  });
});
