import { describe, expect, test } from "vitest";
import type { CacheEntry } from "../../../../../src/cache/entry.ts";
import { usableUntil } from "../../../../../src/cache/entry.ts";
import type { Tier } from "../../../../../src/cache/tiers/tier.ts";
import { entryOf } from "../entries.ts";

/** A tier of its own, and ways behind its back. */
export interface TierBed {
  readonly tier: Tier;
  /** Its own time when the test begins: where a real store counts, the real one. */
  readonly now: number;
  /** Another instance over the same store, as another isolate has it; undefined: nothing is shared. */
  readonly neighbour?: Tier;
  /** Puts a text where the key's entry lies; undefined: there are no texts. */
  readonly lay?: (key: string, text: string) => Promise<void>;
  /** A body that is more than the tier takes. */
  readonly tooLong: number;
}

/** What every tier promises, whatever it is made of. */
export function tierContract(name: string, open: () => Promise<TierBed>): void {
  let keys = 0;
  /** Keys of its own for each test: real stores outlive one. */
  const aKey = () => `/api/contract-${name}-${++keys}`;
  const has = async (tier: Tier, entry: CacheEntry, now: number) =>
    expect(await tier.get(entry.key, now)).toEqual({ kind: "found", entry });

  describe(`the tier "${name}"`, () => {
    test("has nothing that was not put, and is in use", async () => {
      const { tier, now } = await open();
      expect(tier.name).toBe(name);
      expect(await tier.get(aKey(), now)).toEqual({ kind: "absent" });
      expect(tier.trouble).toBeUndefined();
    });

    test.for<[string, Partial<CacheEntry>]>([
      ["as it was", {}],
      ["with any text in it", { body: '"\ud83d\ude00 \ud800 \u0000 \\ é"' }],
      ["that is a problem", { status: 404, body: "not-found" }],
      ["that lives for as long as numbers go", { errorUntil: Number.MAX_SAFE_INTEGER }],
    ])("gives back an entry %s", async ([, changes]) => {
      const { tier, now, neighbour } = await open();
      const entry = entryOf({ key: aKey(), loadedAt: now, ...changes });
      expect(await tier.put(entry, now)).toEqual({ kind: "stored" });
      await has(tier, entry, now);
      if (neighbour) await has(neighbour, entry, now);
      expect(tier.trouble).toBeUndefined();
    });

    test("does not mix keys, however long and alike they are", async () => {
      const { tier, now } = await open();
      const base = aKey();
      const long = `${base}?q=${"x".repeat(2_000)}`;
      const entries = [
        base,
        `${base}/`,
        `${base}?`,
        `${base}%2F`,
        `${long}a`,
        `${long}b`,
        `${base}/../x`,
        `${base}/%2e%2e/x`,
      ];
      for (const key of entries) await tier.put(entryOf({ key, loadedAt: now, hash: key.slice(-64) }), now);
      for (const key of entries) await has(tier, entryOf({ key, loadedAt: now, hash: key.slice(-64) }), now);
    });

    test("gives an entry for as long as anybody may want it, and not a moment longer", async () => {
      const { tier, now } = await open();
      const entry = entryOf({ key: aKey(), loadedAt: now });
      await tier.put(entry, now);
      await has(tier, entry, usableUntil(entry) - 1);
      expect(await tier.get(entry.key, usableUntil(entry))).toEqual({ kind: "absent" });
    });

    test("does not give a longer life to what is put late", async () => {
      const { tier, now } = await open();
      const entry = entryOf({ key: aKey(), loadedAt: now - 3_000_000 });
      await tier.put(entry, now);
      await has(tier, entry, now);
      expect(await tier.get(entry.key, usableUntil(entry))).toEqual({ kind: "absent" });
    });

    test("does not take what nobody may want any more", async () => {
      const { tier, now } = await open();
      const entry = entryOf({ key: aKey(), loadedAt: now - 3_600_000 });
      expect(await tier.put(entry, now)).toEqual({ kind: "skipped", why: "short-lived" });
      expect(await tier.get(entry.key, now)).toEqual({ kind: "absent" });
    });

    test("takes a newer entry in the place of an older, and not the other way round", async () => {
      const { tier, now } = await open();
      const key = aKey();
      const older = entryOf({ key, loadedAt: now - 2_000, hash: "older" });
      const newer = entryOf({ key, loadedAt: now - 1_000, hash: "newer" });
      await tier.put(older, now);
      expect(await tier.put(newer, now)).toEqual({ kind: "stored" });
      expect(await tier.put(older, now)).toEqual({ kind: "skipped", why: "older" });
      await has(tier, newer, now);
    });

    test("puts nothing over an entry that proves more, once it met it", async () => {
      const { tier, now, neighbour } = await open();
      const key = aKey();
      const proven = entryOf({ key, loadedAt: now - 1_000, proof: { provenThrough: 5 } });
      const unproven = entryOf({ key, loadedAt: now, proof: { provenThrough: -1 } });
      await (neighbour ?? tier).put(proven, now);
      await has(tier, proven, now);
      expect(await tier.put(unproven, now)).toEqual({ kind: "skipped", why: "older" });
      await has(tier, proven, now);
    });

    test("does not take what is too big, and says so", async () => {
      const { tier, now, tooLong } = await open();
      const key = aKey();
      const big = entryOf({ key, loadedAt: now, body: "x".repeat(tooLong) });
      expect(await tier.put(big, now)).toEqual({ kind: "skipped", why: "too-big" });
      expect(await tier.get(key, now)).toEqual({ kind: "absent" });
    });

    test.for<[string, (entry: CacheEntry) => string]>([
      ["no entry", () => "<html>"],
      ["half an entry", (entry) => JSON.stringify(entry).slice(0, 100)],
      ["of another schema", (entry) => JSON.stringify({ ...entry, schema: 0 })],
      ["another key's", (entry) => JSON.stringify({ ...entry, key: "/api/another" })],
      ["empty", () => ""],
    ])("calls what lies there corrupt and mends it with the next put: %s", async ([, textOf]) => {
      const { tier, now, lay } = await open();
      if (!lay) return; // nothing but entries can lie there
      const entry = entryOf({ key: aKey(), loadedAt: now });
      await tier.put(entry, now);
      await lay(entry.key, textOf(entry));
      expect(await tier.get(entry.key, now)).toEqual({ kind: "corrupt" });
      await tier.put(entry, now);
      await has(tier, entry, now);
      expect(tier.trouble).toBeUndefined();
    });

    test("answers many at once, each its own", async () => {
      const { tier, now } = await open();
      const entries = Array.from({ length: 20 }, () => entryOf({ key: aKey(), loadedAt: now }));
      await Promise.all(entries.map((entry) => tier.put(entry, now)));
      const read = await Promise.all(entries.map(({ key }) => tier.get(key, now)));
      expect(read).toEqual(entries.map((entry) => ({ kind: "found", entry })));
    });
  });
}
