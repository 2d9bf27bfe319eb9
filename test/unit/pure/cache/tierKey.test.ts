import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_TIER_KEY_BYTES } from "../../../../src/cache/constants.ts";
import { tierKey } from "../../../../src/cache/tierKey.ts";

const PLACE = { environment: "production", version: 1 };
const MAX_KV_KEY_BYTES = 512;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

test("a short key is written out, so that it can be read where it lies", async () => {
  expect(await tierKey(PLACE, "/api/pitches?genre=drama")).toBe("production/1/api/pitches?genre=drama");
});

test("a key that is just short enough is, one byte more is not", async () => {
  const room = MAX_TIER_KEY_BYTES - bytesOf("production/1");
  expect(await tierKey(PLACE, `/${"x".repeat(room - 1)}`)).toHaveLength(MAX_TIER_KEY_BYTES);
  expect(await tierKey(PLACE, `/${"x".repeat(room)}`)).toMatch(/^production\/1:[0-9a-f]{64}$/);
  expect(await tierKey(PLACE, `/${"€".repeat(Math.ceil(room / 3))}`)).toMatch(/^production\/1:[0-9a-f]{64}$/);
});

test("whatever the key, KV takes what it is called, and no other key is called so", async () => {
  const called = new Map<string, string>();
  const environment = fc.constantFrom("a", "a/1", "b", "é".repeat(20));
  const path = fc.oneof(
    fc.webPath(),
    fc.string({ unit: "grapheme", maxLength: 600 }),
    fc.constantFrom("/1/x", "/x", ""),
  );
  await fc.assert(
    fc.asyncProperty(environment, fc.constantFrom(1, 2, "1", "1/x"), path, async (environment, version, path) => {
      const name = await tierKey({ environment, version }, `/${path}`);
      const what = JSON.stringify([environment, `${version}`, path]);
      expect(bytesOf(name)).toBeLessThanOrEqual(MAX_KV_KEY_BYTES);
      expect(called.get(name) ?? what).toBe(what);
      called.set(name, what);
    }),
    { numRuns: 2_000 },
  );
});
