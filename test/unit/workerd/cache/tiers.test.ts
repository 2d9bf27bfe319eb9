import { env } from "cloudflare:test";
import { expect, test } from "vitest";
import { MAX_ENVELOPE_BYTES } from "../../../../src/cache/constants.ts";
import { tierKey } from "../../../../src/cache/tierKey.ts";
import { ColoTier } from "../../../../src/cache/tiers/coloTier.ts";
import { KvTier } from "../../../../src/cache/tiers/kvTier.ts";
import { MemoryTier } from "../../../../src/cache/tiers/memoryTier.ts";
import { entryOf } from "../../pure/cache/entries.ts";
import { tierContract } from "../../pure/cache/tiers/tierContract.ts";

/** The runtime's own stores, as Miniflare has them: those of one colo, which see each other's writes at once. */

const PLACE = { environment: "test", version: 1 };
const HOST = "site.example";
const { TEST_KV } = env as unknown as { TEST_KV: KVNamespace };

tierContract("memory", async () => ({ tier: new MemoryTier(), now: Date.now(), tooLong: 2_000_000 }));

tierContract("colo", async () => {
  const open = () => new ColoTier(caches.default, PLACE, () => HOST);
  return {
    tier: open(),
    neighbour: open(),
    now: Date.now(),
    lay: async (key, text) => {
      const name = await tierKey(PLACE, key);
      const url = `https://${HOST}/.breakwater/cache/${encodeURIComponent(name)}`;
      await caches.default.put(url, new Response(text, { headers: { "Cache-Control": "max-age=60" } }));
    },
    tooLong: MAX_ENVELOPE_BYTES,
  };
});

tierContract("kv", async () => {
  let now = Date.now();
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const open = () => new KvTier({ store: TEST_KV, place: PLACE, clock, mayWrite: () => true });
  return {
    tier: open(),
    neighbour: open(),
    now,
    lay: async (key, text) => TEST_KV.put(await tierKey(PLACE, key), text),
    tooLong: MAX_ENVELOPE_BYTES,
  };
});

test("what lies in KV says beside itself how old it is", async () => {
  const clock = { now: Date.now, sleep: async () => {} };
  const tier = new KvTier({ store: TEST_KV, place: PLACE, clock, mayWrite: () => true });
  const entry = entryOf({ key: "/api/listed", loadedAt: Date.now() });
  await tier.put(entry, Date.now());
  const { keys } = await TEST_KV.list({ prefix: "test/1/api/listed" });
  const { hash, loadedAt, freshUntil, errorUntil } = entry;
  expect(keys).toEqual([
    { name: "test/1/api/listed", expiration: expect.any(Number), metadata: { hash, loadedAt, freshUntil, errorUntil } },
  ]);
  expect(Math.abs((keys[0]?.expiration ?? 0) - entry.errorUntil / 1_000)).toBeLessThan(5);
});

test("what is over in the Cache API's own time is gone there too", async () => {
  const tier = new ColoTier(caches.default, PLACE, () => HOST);
  const now = Date.now();
  const entry = entryOf({ key: "/api/short", loadedAt: now, staleUntil: now, errorUntil: now + 2_100 });
  expect(await tier.put(entry, now)).toEqual({ kind: "stored" });
  expect(await tier.get(entry.key, now)).toEqual({ kind: "found", entry });
  const deadline = Date.now() + 10_000;
  let read = await tier.get(entry.key, now);
  while (read.kind === "found" && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    read = await tier.get(entry.key, now);
  }
  expect(read).toEqual({ kind: "absent" });
});
