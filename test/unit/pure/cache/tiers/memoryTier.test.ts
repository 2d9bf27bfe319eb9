import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CacheEntry, usableUntil } from "../../../../../src/cache/entry.ts";
import { replaces } from "../../../../../src/cache/replaces.ts";
import { MAX_MEMORY_SHARE } from "../../../../../src/cache/tiers/constants.ts";
import { MemoryTier } from "../../../../../src/cache/tiers/memoryTier.ts";
import { entryOf, NOW } from "../entries.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** An entry of about a KiB. */
const aPage = (key: string, changes: Partial<CacheEntry> = {}) => entryOf({ key, body: "x".repeat(100), ...changes });

describe("under a scan of keys that nobody asks for twice", () => {
  test("what is hot stays, and the bytes stay within their bound", { timeout: 60_000 }, () => {
    const tier = new MemoryTier(4 * MIB);
    const isHot = (at: number) => at % 10 === 0;
    let [asked, hits, most] = [0, 0, 0];
    for (let at = 0; at < 1_100_000; at++) {
      const key = isHot(at) ? `/hot/${(at / 10) % 100}` : `/cold/${at}`;
      const found = tier.peek(key, NOW);
      if (isHot(at)) asked++;
      if (found && isHot(at)) hits++;
      if (!found) tier.store(aPage(key), NOW);
      most = Math.max(most, tier.stats().bytes);
    }
    expect(hits / asked).toBeGreaterThan(0.9);
    expect(hits / asked).toBeGreaterThan(0.99); // what it does; the line above is what it must do
    expect(most).toBeLessThanOrEqual(4 * MIB);
    expect(tier.stats().evictions).toBeGreaterThan(980_000);
  });

  test("what was hot before the scan survives a scan that asks for nothing else", () => {
    const tier = new MemoryTier(4 * MIB);
    const hot = Array.from({ length: 100 }, (_, at) => `/hot/${at}`);
    for (const key of hot) tier.store(aPage(key), NOW);
    for (let round = 0; round < 3; round++) for (const key of hot) tier.peek(key, NOW);
    for (let at = 0; at < 100_000; at++) tier.store(aPage(`/cold/${at}`), NOW);
    expect(hot.filter((key) => tier.peek(key, NOW))).toHaveLength(100);
  });
});

describe("what had to make room", () => {
  const fill = (tier: MemoryTier, from: number, to: number) => {
    for (let at = from; at < to; at++) tier.store(aPage(`/cold/${at}`), NOW);
  };

  test("is known for a while, so that its miss has a cause", () => {
    const tier = new MemoryTier(MIB);
    fill(tier, 0, 1_300);
    const out = Array.from({ length: 1_300 }, (_, at) => `/cold/${at}`).filter((key) => !tier.peek(key, NOW));
    expect(out.length).toBe(tier.stats().evictions);
    expect(out.every((key) => tier.wasEvicted(key))).toBe(true);
    expect(tier.wasEvicted("/never")).toBe(false);
    fill(tier, 1_300, 3_000);
    expect(out.some((key) => tier.wasEvicted(key))).toBe(false);
  });

  test("is no longer, once it is back", () => {
    const tier = new MemoryTier(MIB);
    fill(tier, 0, 1_300);
    const key = Array.from({ length: 1_300 }, (_, at) => `/cold/${at}`).find((each) => tier.wasEvicted(each)) ?? "";
    tier.store(aPage(key), NOW);
    expect(tier.wasEvicted(key)).toBe(false);
  });

  test("is what is asked for least, for each of its bytes", () => {
    const tier = new MemoryTier(MIB);
    const ask = (key: string, times: number, chars: number) => {
      for (let time = 0; time < times; time++) {
        if (!tier.peek(key, NOW)) tier.store(aPage(key, { body: "x".repeat(chars) }), NOW);
      }
    };
    for (let at = 0; at < 100; at++) ask(`/large/${at}`, 4, 10_000); // twice what there is room for
    for (let at = 0; at < 100; at++) ask(`/small/${at}`, 4, 1_000);
    const kept = (kind: string) =>
      Array.from({ length: 100 }, (_, at) => tier.peek(`/${kind}/${at}`, NOW)).filter(Boolean);
    expect(kept("small").length).toBeGreaterThan(90);
    for (let at = 0; at < 100; at++) ask(`/hot/${at}`, 60, 10_000);
    expect(kept("hot").length).toBeGreaterThan(30);
  });

  test("is what was hot once, when something else is", () => {
    const tier = new MemoryTier(64 * KIB); // whose sketch forgets half after a thousand requests
    const ask = (key: string) => tier.peek(key, NOW) ?? tier.store(aPage(key), NOW);
    for (let at = 0; at < 20_000; at++) ask(`/yesterday/${at % 40}`);
    let misses = 0;
    for (let at = 0; at < 20_000; at++)
      if (!tier.peek(`/today/${at % 40}`, NOW)) {
        misses++;
        tier.store(aPage(`/today/${at % 40}`), NOW);
      }
    expect(misses).toBeLessThan(2_000);
  });
});

describe("an entry", () => {
  test("that takes too large a share is not kept, nor what it replaces", () => {
    const tier = new MemoryTier(MIB);
    tier.store(entryOf(), NOW);
    const big = entryOf({ loadedAt: NOW + 1, body: "x".repeat((MIB * MAX_MEMORY_SHARE) / 2) });
    expect(tier.store(big, NOW + 1)).toEqual({ kind: "skipped", why: "too-big" });
    expect(tier.peek(big.key, NOW + 1)).toBeUndefined();
  });

  test("that is over makes room before what is not", () => {
    const tier = new MemoryTier(MIB);
    const over = Array.from({ length: 400 }, (_, at) => `/over/${at}`);
    for (const key of over) {
      tier.store(aPage(key, { errorUntil: NOW + 60_000 }), NOW);
      for (let hit = 0; hit < 3; hit++) tier.peek(key, NOW);
    }
    const later = NOW + 60_000;
    for (let at = 0; at < 2_000; at++) tier.store(aPage(`/cold/${at}`, { loadedAt: later }), later);
    const { entries, bytes } = tier.stats();
    expect(bytes).toBeGreaterThan(0.95 * MIB);
    expect(Array.from({ length: 2_000 }, (_, at) => tier.peek(`/cold/${at}`, later)).filter(Boolean)).toHaveLength(
      entries,
    );
    expect(over.some((key) => tier.wasEvicted(key))).toBe(false);
  });

  test("is counted with its texts and what is around them", () => {
    const tier = new MemoryTier();
    tier.store(entryOf({ body: "" }), NOW);
    const { bytes } = tier.stats();
    expect(bytes).toBeGreaterThan(500);
    tier.store(entryOf({ body: "x".repeat(1_000) }), NOW);
    expect(tier.stats()).toEqual({ bytes: bytes + 2_000, entries: 1, evictions: 0 });
  });
});

describe("of any sequence of uses", () => {
  const key = fc.integer({ min: 0, max: 30 }).map((at) => `/k/${at}`);
  const use = fc.oneof(
    fc.record({
      does: fc.constant("store" as const),
      key,
      chars: fc.oneof(fc.nat(600), fc.nat(20_000)),
      backMs: fc.nat(20_000),
      lifeMs: fc.nat(90_000),
      provenThrough: fc.integer({ min: -1, max: 3 }),
    }),
    fc.record({ does: fc.constant("peek" as const), key }),
    fc.record({ does: fc.constant("pass" as const), ms: fc.nat(20_000) }),
  );

  test("it keeps within its bytes, and never gives what is over, older than what it had, or another's", () => {
    fc.assert(
      fc.property(fc.array(use, { maxLength: 120 }), fc.integer({ min: 8, max: 200 }), (uses, kib) => {
        const tier = new MemoryTier(kib * KIB);
        const model = new Map<string, CacheEntry>();
        let now = NOW;
        for (const step of uses) {
          if (step.does === "pass") now += step.ms;
          else if (step.does === "peek") {
            const found = tier.peek(step.key, now);
            const expected = model.get(step.key);
            if (!found) continue; // it may have made room
            expect(found).toBe(expected);
            expect(now).toBeLessThan(usableUntil(found));
          } else {
            const loadedAt = now - step.backMs;
            const entry = entryOf({
              key: step.key,
              body: "x".repeat(step.chars),
              loadedAt,
              errorUntil: loadedAt + step.lifeMs,
              staleUntil: loadedAt + Math.min(step.lifeMs, 60_000),
              proof: { provenThrough: step.provenThrough },
            });
            const before = tier.peek(step.key, now);
            const written = tier.store(entry, now);
            if (written.kind === "stored") model.set(step.key, entry);
            else if (written.kind === "skipped" && written.why === "too-big") model.delete(step.key);
            const isOlder = written.kind === "skipped" && written.why === "older";
            if (before && now < usableUntil(entry)) expect(isOlder).toBe(!replaces(entry, before, now));
          }
          const { bytes, entries } = tier.stats();
          expect(bytes).toBeLessThanOrEqual(kib * KIB);
          expect(bytes === 0).toBe(entries === 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("what it says it holds it holds", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), (asked) => {
        const tier = new MemoryTier(24 * KIB);
        for (const each of asked) if (!tier.peek(each, NOW)) tier.store(aPage(each), NOW);
        const held = [...new Set(asked)].filter((each) => tier.peek(each, NOW));
        expect(tier.stats().entries).toBe(held.length);
        expect(new Set(asked).size - held.length).toBeLessThanOrEqual(tier.stats().evictions);
      }),
    );
  });
});
