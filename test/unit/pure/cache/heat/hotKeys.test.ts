import { describe, expect, test } from "vitest";
import { HotKeys } from "../../../../../src/cache/heat/hotKeys.ts";
import { SpaceSaving } from "../../../../../src/cache/heat/spaceSaving.ts";
import { surelyHit } from "../../../../../src/cache/heat/surelyHit.ts";
import { Random, zipf } from "../../../../../tools/seed/random.ts";
import { NOW } from "../bumpBed.ts";

const HALF_LIFE_MS = 600_000;
const copy = (loadedAt: number, hash = "h") => ({
  loadedAt,
  freshUntil: loadedAt + 60_000,
  errorUntil: loadedAt + 600_000,
  hash,
});
const fresh = () => new HotKeys(new Map(), NOW);
const names = (hot: HotKeys, most: number, now: number) => hot.hottest(most, now).map(({ key }) => key);

describe("heat", () => {
  test("adds up, and halves in ten minutes", () => {
    const hot = fresh();
    hot.add([["a", 8]], NOW);
    hot.add([["b", 6]], NOW + HALF_LIFE_MS);
    const [b, a] = hot.hottest(9, NOW + HALF_LIFE_MS);
    expect([b?.key, b?.heat, a?.key, a?.heat]).toEqual(["b", 6, "a", 4]);
    hot.add([["a", 8]], NOW + HALF_LIFE_MS);
    expect(names(hot, 1, NOW + HALF_LIFE_MS)).toEqual(["a"]);
  });

  test("that is less than half a hit is forgotten, with its copy when that has ended", () => {
    const hot = fresh();
    hot.add([["once", 1]], NOW);
    hot.add([["kept", 1]], NOW);
    hot.copied("kept", copy(NOW + HALF_LIFE_MS), NOW);
    const later = NOW + HALF_LIFE_MS + 1;
    expect(names(hot, 9, later)).toEqual([]);
    hot.toRows(later);
    expect([hot.size, hot.copyOf("kept")?.loadedAt]).toEqual([1, NOW + HALF_LIFE_MS]);
    hot.toRows(later + 2 * HALF_LIFE_MS);
    expect(hot.size).toBe(0);
  });

  test("survives in rows of less than 2 MB, whatever comes, the hottest 10,000 of it", () => {
    const hot = fresh();
    const long = (at: number) => `${"k".repeat(194)}${String(at).padStart(6, "0")}`;
    for (let at = 0; at < 30_000; at++) {
      hot.add([[long(at), 1 + at]], NOW);
      hot.copied(long(at), copy(NOW, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), NOW);
    }
    expect(hot.size).toBeLessThanOrEqual(12_000);
    const rows = hot.toRows(NOW);
    expect(rows.size).toBe(8);
    expect(Math.max(...Array.from(rows.values(), ({ length }) => length))).toBeLessThan(1_500_000);
    const back = new HotKeys(rows, NOW + 1_000);
    expect(names(back, 10_000, NOW)).toEqual(Array.from({ length: 10_000 }, (_, at) => long(29_999 - at)));
    expect(back.copyOf(long(29_999))).toEqual(hot.copyOf(long(29_999)));
  });

  test("goes on through years, and where the clock is set back", () => {
    const hot = fresh();
    hot.add([["old", 1e9]], NOW);
    for (const now of [NOW + 3e10, NOW + 6e10, NOW - 6e10]) {
      hot.add([["new", 2]], now);
      expect(hot.hottest(1, now)[0]).toMatchObject({ key: "new" });
      expect(hot.hottest(1, now)[0]?.heat).toBeGreaterThanOrEqual(2);
    }
  });

  test.for(["{", "null", '{"landmark":1,"keys":[["a"]]}'])("whose rows are %s begins anew", (row) => {
    const hot = new HotKeys(new Map([["heat:0", row]]), NOW);
    hot.add([["a", 1]], NOW);
    expect(names(hot, 9, NOW)).toEqual(["a"]);
  });

  test("of the newest copy is told, whichever came first; of keys that no isolate tells of none is kept", () => {
    const hot = fresh();
    hot.copied("a", copy(NOW), NOW);
    hot.copied("a", copy(NOW - 5), NOW);
    hot.copied("b".repeat(201), copy(NOW), NOW);
    expect([hot.copyOf("a")?.loadedAt, hot.size]).toEqual([NOW, 1]);
  });
});

test.for([1, 2, 3, 4, 5])("of 20 isolates' 64 counters over 100,000 keys the hottest are found (seed %i)", (seed) => {
  const random = new Random(seed);
  const rank = zipf(100_000, 1);
  const isolates = Array.from({ length: 20 }, () => new SpaceSaving());
  const hot = fresh();
  for (let report = 0; report < 6; report++) {
    for (const isolate of isolates) for (let hit = 0; hit < 2_000; hit++) isolate.hit(`k${rank(random)}`);
    for (const isolate of isolates) hot.add(surelyHit(isolate.take()), NOW + report * 10_000);
  }
  const top = names(hot, 20, NOW + 60_000).map((key) => Number(key.slice(1)));
  expect(top.filter((each) => each < 20).length, `${top}`).toBeGreaterThanOrEqual(18);
  expect(hot.size).toBeLessThanOrEqual(12_000);
});

test("a key that was hot yesterday and is cold today leaves the hottest, and is forgotten, as its heat halves", () => {
  const hot = fresh();
  hot.add([["yesterday", 100_000]], NOW);
  let now = NOW;
  let leftAt: number | undefined;
  for (let minute = 0; minute < 600; minute++) {
    now += 60_000;
    hot.add(
      Array.from({ length: 10 }, (_, at): [string, number] => [`today${at}`, 5]),
      now,
    );
    if (leftAt === undefined && !names(hot, 10, now).includes("yesterday")) leftAt = minute;
  }
  // 100,000 hits weigh less than the 75 that five a minute come to after log2(100,000 / 75) = 10.4 half-lives.
  expect(leftAt).toBeGreaterThan(95);
  expect(leftAt).toBeLessThan(115);
  hot.toRows(now);
  expect(hot.size).toBe(10);
});
