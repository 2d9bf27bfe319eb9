import fc from "fast-check";
import CachePolicy from "http-cache-semantics";
import { describe, expect, test } from "vitest";
import { isNotModified, sharedHeaders } from "../../../../src/http/cacheHeaders.ts";
import { entryOf, NOW } from "../cache/entries.ts";

const REQUEST = { url: "/", method: "GET", headers: {} };

/** What a cache in front of the Worker makes of an answer, by another implementation of RFC 9111. */
function inFront(headers: Record<string, string>) {
  const told = { "cache-control": headers["CDN-Cache-Control"] ?? "", age: headers.Age ?? "" };
  const policy = new CachePolicy(REQUEST, { status: 200, headers: told }, { shared: true });
  return {
    isStorable: policy.storable(),
    // It has held it for some microseconds.
    freshForMs: Math.max(0, policy.maxAge() - Math.floor(policy.age())) * 1_000,
  };
}

/** An entry by its windows, in milliseconds. */
const windows = fc.record({
  freshMs: fc.nat(700_000),
  staleMs: fc.nat(3_600_000),
  floorMs: fc.nat(60_000),
  ageMs: fc.nat(900_000),
});

function entry({ freshMs, staleMs }: { freshMs: number; staleMs: number }) {
  const freshUntil = NOW + freshMs;
  return entryOf({
    loadedAt: NOW,
    freshUntil,
    staleUntil: freshUntil + staleMs,
    errorUntil: freshUntil + 86_400_000,
    freshMs,
  });
}

describe("a cache in front of the Worker", () => {
  test("may keep an answer, and never as fresh for longer than it is, nor than its route's least time", () => {
    fc.assert(
      fc.property(windows, ({ ageMs, floorMs, ...lives }) => {
        const { freshForMs, isStorable } = inFront(
          sharedHeaders({ entry: entry(lives), as: "fresh" }, floorMs, NOW + ageMs),
        );
        expect(isStorable).toBe(true);
        expect(freshForMs).toBeLessThanOrEqual(Math.max(0, Math.min(lives.freshMs - ageMs, floorMs)));
      }),
    );
  });

  test("takes it for fresh for that time, to the second", () => {
    fc.assert(
      fc.property(windows, ({ ageMs, floorMs, ...lives }) => {
        const { freshForMs } = inFront(sharedHeaders({ entry: entry(lives), as: "fresh" }, floorMs, NOW + ageMs));
        expect(freshForMs).toBeGreaterThan(Math.min(lives.freshMs - ageMs, floorMs) - 1_000);
      }),
    );
  });

  test("never gives it for longer than we would, nor anything that was never proven", () => {
    fc.assert(
      fc.property(windows, ({ ageMs, floorMs, ...lives }) => {
        const headers = sharedHeaders({ entry: entry(lives), as: "fresh" }, floorMs, NOW + ageMs);
        const seconds = (name: string) =>
          Number(new RegExp(`${name}=(\\d+)`).exec(headers["CDN-Cache-Control"] ?? "")?.[1]);
        const givenUntil = ageMs + (seconds("max-age") - Number(headers.Age)) * 1_000;
        expect(givenUntil).toBeLessThan(Math.max(ageMs, lives.freshMs) + 1_000);
        const unproven = entryOf({ proof: { provenThrough: -1 } });
        expect(sharedHeaders({ entry: unproven, as: "loaded" }, floorMs, NOW)["CDN-Cache-Control"]).toMatch(
          /^max-age=0,/,
        );
      }),
    );
  });
});

test.for(["fresh", "stale", "error"] as const)("a copy's age is never said to be less than it is: %s", (as) => {
  const age = (ms: number) => sharedHeaders({ entry: entryOf(), as }, 10_000, NOW + ms).Age;
  expect([-5_000, 0, 1, 999, 1_000, 1_001, 61_999].map(age)).toEqual(["0", "0", "1", "1", "1", "2", "62"]);
});

test("what was just loaded lay nowhere, as far as seconds tell", () => {
  const age = (ms: number) => sharedHeaders({ entry: entryOf(), as: "loaded" }, 10_000, NOW + ms).Age;
  expect([-5_000, 0, 999, 1_000].map(age)).toEqual(["0", "0", "0", "1"]);
});

test("rounding an age up makes nobody keep it for longer", () => {
  const left = (as: "fresh" | "loaded", ms: number) =>
    inFront(sharedHeaders({ entry: entryOf(), as }, 60_000, NOW + ms)).freshForMs;
  for (const ms of [1, 499, 500, 999, 1_000, 1_001, 9_001]) {
    expect(left("fresh", ms), `${ms} ms`).toBe(Math.floor((10_000 - ms) / 1_000) * 1_000);
    expect(left("fresh", ms), `${ms} ms`).toBe(left("loaded", ms));
  }
});

test.for<[string | null, boolean]>([
  [null, false],
  ["*", true],
  ['"h"', true],
  ['W/"h"', true],
  ['"other", W/"h"', true],
  ['"other"', false],
  ["h", false],
  ['"', false],
])("the client that holds %s is told that it is the same: %s", ([header, expected]) => {
  expect(isNotModified(header, { hash: "h" })).toBe(expected);
});

test("what a write made old is not fresh for anybody, though its time is not over", () => {
  for (const as of ["stale", "error"] as const) {
    const told = inFront(sharedHeaders({ entry: entryOf(), as }, 10_000, NOW + 2_000));
    expect([as, told.isStorable, told.freshForMs]).toEqual([as, true, 0]);
  }
});
