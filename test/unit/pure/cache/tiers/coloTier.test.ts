import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CopyStore } from "../../../../../src/cache/tiers/cacheApi.ts";
import { ColoTier } from "../../../../../src/cache/tiers/coloTier.ts";
import {
  COLO_MIN_LIFE_MS,
  COLO_PAUSE_MS,
  COLO_READ_MS,
  COLO_WRITE_MS,
} from "../../../../../src/cache/tiers/constants.ts";
import { BreakableCopy } from "../../../../../tools/bed/worker/breakableCopy.ts";
import { SimulatedCopies } from "../../../../../tools/cache/simulatedCopies.ts";
import { SLOW_MS, type StoreFault } from "../../../../../tools/cache/storeFault.ts";
import { entryOf, NOW } from "../entries.ts";

const PLACE = { environment: "production", version: 1 };
const HOST = () => "site.example";
const ENTRY = entryOf();

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

function opened() {
  const copies = new SimulatedCopies(() => NOW);
  const breakable = new BreakableCopy(() => copies);
  return { copies, breakable, tier: new ColoTier(breakable, PLACE, HOST) };
}

/** What becomes of it when everybody has waited for as long as anybody waits. */
async function settled<T>(work: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(COLO_WRITE_MS + SLOW_MS);
  return work;
}

test("the key is a URL of the Worker's own, with environment and version, whatever the path is", async () => {
  const { tier, copies } = opened();
  await tier.put(entryOf({ key: "/api/pitches/%2e%2e?q=a/b" }), NOW);
  expect(copies.keys).toEqual([
    "https://site.example/.breakwater/cache/production%2F1%2Fapi%2Fpitches%2F%252e%252e%3Fq%3Da%2Fb",
  ]);
  expect(new URL(copies.keys[0] ?? "").href).toBe(copies.keys[0]);
});

test("what lives in another environment, version or host is not found", async () => {
  const { copies, tier } = opened();
  await tier.put(ENTRY, NOW);
  const others = [
    new ColoTier(copies, { ...PLACE, environment: "staging" }, HOST),
    new ColoTier(copies, { ...PLACE, version: 2 }, HOST),
    new ColoTier(copies, PLACE, () => "other.example"),
  ];
  for (const other of others) expect(await other.get(ENTRY.key, NOW)).toEqual({ kind: "absent" });
});

test("it is kept for just as long as anybody may want it, by one plain max-age", async () => {
  const put = vi.fn<CopyStore["put"]>(async () => {});
  const tier = new ColoTier({ match: async () => new Response("x"), put }, PLACE, HOST);
  await tier.put(entryOf({ errorUntil: NOW + 100_500 }), NOW + 500);
  expect(put.mock.calls[0]?.[1].headers.get("Cache-Control")).toBe("max-age=100");
});

test("what is about to be over is not worth a put", async () => {
  const { tier } = opened();
  const entry = entryOf({ errorUntil: NOW + 60_000 });
  expect(await tier.put(entry, NOW + 60_000 - COLO_MIN_LIFE_MS)).toEqual({ kind: "skipped", why: "short-lived" });
});

test("where there is no Cache API it costs nothing, and says so", async () => {
  const tier = new ColoTier(undefined, PLACE, HOST);
  expect(await tier.put(ENTRY, NOW)).toEqual({ kind: "failed", trouble: "no Cache API" });
  expect(await tier.get(ENTRY.key, NOW)).toEqual({ kind: "failed", trouble: "no Cache API" });
  expect(tier.trouble).toBe("no Cache API");
});

describe("a Cache API that fails", () => {
  test.for<[StoreFault, "get" | "put", object, string | undefined]>([
    [
      "throwing",
      "get",
      { kind: "failed", trouble: "The cache fails: the bed ordered it." },
      "The cache fails: the bed ordered it.",
    ],
    [
      "throwing",
      "put",
      { kind: "failed", trouble: "The cache fails: the bed ordered it." },
      "The cache fails: the bed ordered it.",
    ],
    ["hanging", "get", { kind: "failed", trouble: `no answer within ${COLO_READ_MS} ms` }, undefined],
    ["hanging", "put", { kind: "failed", trouble: `no answer within ${COLO_WRITE_MS} ms` }, undefined],
    ["slow", "get", { kind: "failed", trouble: `no answer within ${COLO_READ_MS} ms` }, undefined],
    ["unreadable", "get", { kind: "corrupt" }, "an entry that is not understood"],
    ["swallowing", "get", { kind: "absent" }, undefined],
    [
      "swallowing",
      "put",
      { kind: "failed", trouble: "what was put cannot be read back" },
      "what was put cannot be read back",
    ],
    ["stale", "get", { kind: "found", entry: ENTRY }, undefined],
  ])("(%s on %s) is a miss of this tier, and loses nothing", async ([fault, act, says, trouble]) => {
    const { copies, breakable } = opened();
    await new ColoTier(copies, PLACE, HOST).put(ENTRY, NOW);
    const tier = new ColoTier(breakable, PLACE, HOST);
    breakable.order(fault);
    expect(await settled<object>(act === "get" ? tier.get(ENTRY.key, NOW) : tier.put(ENTRY, NOW))).toEqual(says);
    expect(tier.trouble).toBe(trouble);
    breakable.order(null);
    const later = NOW + COLO_PAUSE_MS;
    await settled(tier.put(entryOf({ loadedAt: NOW + 1 }), later));
    expect(await settled(tier.get(ENTRY.key, later))).toHaveProperty("kind", "found");
    expect(tier.trouble).toBeUndefined();
  });

  test.for<["get" | "put"]>([["get"], ["put"]])("by throwing on %s is left alone for a minute", async ([act]) => {
    const { breakable, tier } = opened();
    breakable.order("throwing");
    await (act === "get" ? tier.get(ENTRY.key, NOW) : tier.put(ENTRY, NOW));
    for (const now of [NOW, NOW + COLO_PAUSE_MS - 1]) {
      expect(await tier.get(ENTRY.key, now)).toHaveProperty("kind", "failed");
      expect(await tier.put(ENTRY, now)).toHaveProperty("kind", "failed");
    }
    expect(breakable.order("throwing")).toBe(1);
    await tier.get(ENTRY.key, NOW + COLO_PAUSE_MS);
    expect(breakable.order(null)).toBe(1);
  });

  test("by hanging costs three waits, and is left alone then", async () => {
    const { breakable, tier } = opened();
    breakable.order("hanging");
    for (let time = 0; time < 3; time++) {
      expect(tier.trouble).toBeUndefined();
      await settled(tier.get(ENTRY.key, NOW));
    }
    expect(tier.trouble).toBe(`no answer within ${COLO_READ_MS} ms`);
    expect(await tier.get(ENTRY.key, NOW + COLO_PAUSE_MS - 1)).toHaveProperty("kind", "failed");
    expect(await tier.put(ENTRY, NOW + COLO_PAUSE_MS - 1)).toHaveProperty("kind", "failed");
    expect(breakable.order(null)).toBe(3);
    expect(await tier.put(ENTRY, NOW + COLO_PAUSE_MS)).toEqual({ kind: "stored" });
    expect(tier.trouble).toBeUndefined();
  });

  test("late now and then, it stays in use", async () => {
    const { breakable, tier } = opened();
    for (let time = 0; time < 10; time++) {
      breakable.order("slow");
      await settled(tier.get(ENTRY.key, NOW));
      breakable.order(null);
      expect(await tier.get(ENTRY.key, NOW)).toEqual({ kind: "absent" });
    }
  });

  test("does no harm where not even a key can be made", async () => {
    const tier = new ColoTier(new SimulatedCopies(() => NOW), PLACE, () => {
      throw new Error("no host yet");
    });
    expect(await tier.get(ENTRY.key, NOW)).toEqual({ kind: "failed", trouble: "no host yet" });
  });
});

describe("a claim of a key's next load", () => {
  test("is one isolate's of the colo for three seconds, and of that key alone", async () => {
    const { copies, tier } = opened();
    const neighbour = new ColoTier(copies, PLACE, HOST);
    expect(await tier.claim("/k", NOW)).toBe(true);
    expect(await neighbour.claim("/k", NOW + 2_999)).toBe(false);
    expect(await neighbour.claim("/other", NOW + 1)).toBe(true);
    expect(await neighbour.claim("/k", NOW + 3_000)).toBe(true);
    expect((await tier.get("/k", NOW)).kind).toBe("absent");
  });

  test("stays whose it is: he may try again, and nobody else meanwhile", async () => {
    const { copies, tier } = opened();
    expect([await tier.claim("/k", NOW), await tier.claim("/k", NOW + 500)]).toEqual([true, true]);
    expect(await new ColoTier(copies, PLACE, HOST).claim("/k", NOW + 2_000)).toBe(false);
  });

  test("keeps nobody from loading where the Cache API does not work", async () => {
    expect(await settled(new ColoTier(undefined, PLACE, HOST).claim("/k", NOW))).toBe(true);
    const { breakable, tier } = opened();
    breakable.order("throwing");
    expect(await settled(tier.claim("/k", NOW))).toBe(true);
  });
});
