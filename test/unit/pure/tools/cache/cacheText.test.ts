import { describe, expect, it } from "vitest";
import { type CacheAnswer, readCache } from "../../../../../tools/cache/cacheAnswer.ts";
import { cacheText } from "../../../../../tools/cache/cacheText.ts";

const KEY = "/api/pitches?genre=drama";
const HOT = {
  keys: 2,
  top: [
    { key: KEY, heat: 41.5, copy: { ageMs: 12_000, freshForMs: -2_000, usableForMs: 86_000_000 } },
    { key: "/api/genres", heat: 3, copy: null },
  ],
  runway: { ms: 86_000_000, keys: 1, ofHotKeys: 2 },
  dearest: [{ key: "/api/pitches/trending", misses: 4, waitedMs: 5_000 }],
  warming: { warmed: 40, used: 10, precision: 0.25 },
  kv: { writesToday: 7, writesLeft: 993 },
};
const ANSWER = {
  mode: "on",
  kvWritesADay: 1_000,
  ageMs: 3,
  seq: 1_795_000_000_000,
  liveBumps: 1,
  purgedBuckets: 0,
  cover: [
    ["node-1", "1.1"],
    ["node-2", "1.1"],
  ],
  leases: { held: 1, keys: 4 },
  hot: HOT,
  world: {
    routes: {
      "/api/pitches": {
        requests: 200,
        hitRatio: 0.905,
        results: { fresh: 150, stale: 30, error: 1, loaded: 10, joined: 8, refused: 1 },
        misses: { cold: 4, expired: 15 },
        bytes: { memory: 2_048, database: 1_024 },
        servedAgeSeconds: { p50: 12, p90: 60, p99: 240 },
      },
    },
    tiers: { memory: { found: 180, absent: 20 }, colo: { absent: 19, failed: 1 } },
    bytes: { memory: 2_048, database: 1_024 },
    servedAgeSeconds: { p50: 12, p90: 60, p99: 240 },
    refreshes: { loaded: 20, unchanged: 10 },
    audits: { same: 5 },
    observed: {},
  },
  isolate: {
    runwayMs: 86_000_000,
    memory: {
      bytes: 1_048_576,
      entries: 40,
      evictions: 2,
      routes: { "/api/pitches": { entries: 40, bytes: 1_048_576, ageMs: { p50: 3_000, p90: 9_000, max: 300_000 } } },
    },
    tiers: [{ name: "colo" }],
    dearestMisses: [{ key: KEY, misses: 3, waitedMs: 120 }],
  },
} satisfies CacheAnswer & { ageMs: number };

const textOf = (changes: object = {}) => cacheText(readCache({ ...ANSWER, ...changes }));

describe("the cache for people", () => {
  it.each([
    [
      "a route's hits, results and misses, the commonest cause first",
      /\/api\/pitches │ 200 +│ 90\.5 % │ 150 +│ 30 +│ 1 +│ 18 +│ 1 +│ expired 15, cold 4/,
    ],
    ["a tier that is bound", /colo +│ 0 +│ 19 +│ 0 +│ 1 +│ works/],
    ["a tier that is not", /kv +│ 0 +│ 0 +│ 0 +│ 0 +│ not bound/],
    ["a hot key with its newest copy", /genre=drama │ 41\.5 │ 12 s old +│ over +│ 24 h/],
    ["a hot key without one", /\/api\/genres +│ 3 +│ none +│/],
    [
      "the runway",
      /^Runway: 24 h without the database, until the first of 1 of the 2 hottest keys .* has none left\.$/m,
    ],
    ["what is left of the day's writes", /^KV: 7 of today's 1,000 writes \(UTC\) are made\.$/m],
    ["how much was given of a route, and how old it was", /expired 15, cold 4 │ 3\.0 kB │ 12 s, 4 min/],
    ["how much came from a tier", /memory │ 180 +│ 20 +│ 0 +│ 0 +│ works +│ 2\.0 kB/],
    ["the age of all", /^Age of the copies given: 12 s \(median\), 90 % up to 60 s, 99 % up to 4 min\.$/m],
    ["what the world waited for", /\/api\/pitches\/trending +│ 4 +│ 5\.0 s/],
    ["what warming was worth", /^Warming: of 40 copies .* 10 were then asked for \(25\.0 %\)\.$/m],
    ["the memory by route", /\/api\/pitches +│ 40 +│ 1\.0 MB │ 3\.0 s, 9\.0 s, 5 min/],
    ["leases", /^Leases: 1 held now, 4 keys remembered\.$/m],
    [
      "whose loads are proven",
      /^Writes: 1 not seen on every node yet; what node-1, node-2 loads is proven current\.$/m,
    ],
    ["refreshes", /^Refreshes behind answers: loaded 20, unchanged 10\.$/m],
    ["the memory", /^Memory of the isolate that answered: 40 copies, 1\.0 MB, 2 evicted\.$/m],
    ["what was waited for", /^120ms waited there for \/api\/pitches\?genre=drama, loaded 3 ×$/m],
  ])("shows %s", (_what, line) => {
    expect(textOf()).toMatch(line);
  });

  it("warns of nothing where nothing is wrong", () => {
    expect(textOf()).not.toMatch(/does not answer|gave last|not the database's|left alone|mode/);
  });

  it.each([
    ["a runway that is over", { hot: { ...HOT, runway: { ms: 0, keys: 1, ofHotKeys: 2 } } }, /^Runway: none\./m],
    [
      "a runway nobody knows",
      { hot: { ...HOT, runway: { ms: null, keys: 0, ofHotKeys: 0 } } },
      /^Runway: nobody knows/m,
    ],
    ["mode observe", { mode: "observe" }, /^The mode is observe: .* nobody is given one\.$/m],
    ["a mode that is off", { mode: "off" }, /^The mode is off: every answer is loaded\.$/m],
    ["copies that were wrong", { world: { ...ANSWER.world, audits: { mismatch: 2 } } }, /^2 audited copies were not/m],
    [
      "a Collector that is silent",
      { world: { ...ANSWER.world, trouble: "hung" } },
      /^Not everything was counted: hung\.$/m,
    ],
    ["a cover without anybody", { cover: [] }, /what nobody loads is proven current/],
    ["what was purged for good", { purgedBuckets: 3 }, /; 3 of 1,024 buckets purged for good once\.$/m],
    [
      "writes that nobody told of",
      { foreignMarks: { found: 3, skipped: 0 } },
      /^Written past Breakwater: 3 marks found on the primary\.$/m,
    ],
    [
      "more of them than were read",
      { foreignMarks: { found: 9, skipped: 2 } },
      /; 2 × there was too much to be read: /,
    ],
    ["a world nobody asked", { world: { ...ANSWER.world, routes: {} } }, /^Nobody asked for a shared answer yet/m],
  ])("says of %s", (_what, changes, line) => {
    expect(textOf(changes)).toMatch(line);
  });

  it("says of a tier in trouble why", () => {
    const text = textOf({
      isolate: { ...ANSWER.isolate, tiers: [{ name: "kv", trouble: "no answer within 300 ms" }] },
    });
    expect(text).toMatch(/^kv is left alone: no answer within 300 ms\.$/m);
    expect(text).toMatch(/kv +│ .* │ no answer within 300 ms/);
  });

  it("understands an older Worker, which says less", () => {
    const { dearest: _, warming: __, ...hot } = HOT;
    const { bytes: ___, servedAgeSeconds: ____, ...world } = ANSWER.world;
    const isolate = { ...ANSWER.isolate, memory: { bytes: 1, entries: 1, evictions: 0 } };
    expect(textOf({ hot, world, isolate })).not.toMatch(/Age of|Warming:|dearest|in its memory/);
  });

  it("shows the rest where the object is silent", () => {
    const { hot: _, leases: __, seq: ___, cover: ____, ...rest } = ANSWER;
    const text = cacheText(readCache({ ...rest, trouble: "timeout" }));
    expect(text).toMatch(/^The object does not answer \(timeout\)/m);
    expect(text).toMatch(/\/api\/pitches │ 200/);
    expect(text).not.toMatch(/Runway|Leases|Writes:/);
    expect(text).toMatch(/^What the isolate that answered gave last is usable for 24 h more\.$/m);
  });

  it("is no guess about an answer of another shape", () => {
    expect(() => readCache({ mode: "off" })).toThrow(/is not understood/);
  });
});
