import { describe, expect, test } from "vitest";
import { MAX_HOT_KEYS } from "../../../../../src/cache/constants.ts";
import { hotKeyOf } from "../../../../../src/cache/warm/hotKeyOf.ts";
import { WarmingClaims } from "../../../../../src/cache/warm/warmingClaims.ts";
import type { WarmClaim } from "../../../../../src/rpc/refreshLease.ts";

const NOW = 1_764_000_000_000;
const PLENTY = 100_000;

function claim(run: string, more: Partial<WarmClaim> = {}): WarmClaim {
  const next = { inMs: 300_000, marginMs: 75_000 };
  return { run, leftMs: 60_000, subrequests: PLENTY, isRecovering: false, next, ...more };
}
const hot = (key: string, heat = 10, lifeMs = 0) =>
  hotKeyOf(key, { key, heat, loadedAt: NOW - 1_000, freshUntil: NOW + lifeMs, errorUntil: NOW + 1e9, hash: "h" });
const keys = (...names: readonly string[]) => names.map((name) => hot(name));

describe("what a warming run claims", () => {
  test("is joined by every other one, and is its own when it asks again", () => {
    const claims = new WarmingClaims();
    expect(claims.take(claim("1"), keys("a", "b"), NOW)).toEqual({ joined: [], claimed: 2 });
    expect(claims.take(claim("2"), keys("b", "c"), NOW)).toEqual({ joined: ["b"], claimed: 1 });
    expect(claims.take(claim("1"), keys("a", "b", "c"), NOW)).toEqual({ joined: ["c"], claimed: 2 });
    expect(claims.held(NOW)).toBe(3);
  });

  test("is only what it will load: what expires before the next run, the worthiest it has calls for", () => {
    const claims = new WarmingClaims();
    const all = [hot("lives", 99, 600_000), hot("cool", 1), hot("hot", 50), hot("warm", 20)];
    expect(claims.take(claim("1", { subrequests: 8 }), all, NOW)).toEqual({ joined: [], claimed: 2 });
    expect(claims.take(claim("2"), all, NOW).joined).toEqual(["hot", "warm"]);
  });

  test("while the database has just come back is no more than its pace has time for", () => {
    const claims = new WarmingClaims();
    const many = Array.from({ length: 50 }, (_, at) => hot(`k${at}`));
    expect(claims.take(claim("1", { isRecovering: true, leftMs: 1_000 }), many, NOW).claimed).toBe(10);
  });

  test("is free once it is over, and nothing that another one claimed since", () => {
    const claims = new WarmingClaims();
    claims.take(claim("1", { leftMs: 1_000 }), keys("a", "b"), NOW);
    claims.take(claim("2"), keys("a"), NOW + 10_000);
    claims.release("1");
    expect(claims.take(claim("3"), keys("a", "b"), NOW + 10_000)).toEqual({ joined: ["a"], claimed: 1 });
    claims.release("2");
    expect(claims.take(claim("4"), keys("a"), NOW + 10_000).joined).toEqual([]);
  });

  test.for([
    ["a moment before its time and the grace are over", 64_999, ["a"]],
    ["then", 65_000, []],
    ["after the clock went back by more than any run takes", -400_000, []],
  ] as const)("of a run that died is held %s", ([, afterMs, joined]) => {
    const claims = new WarmingClaims();
    claims.take(claim("dead"), keys("a"), NOW);
    expect(claims.take(claim("2"), keys("a"), NOW + afterMs).joined).toEqual(joined);
  });

  test("is bounded: what finds no room is loaded all the same, and joined by nobody", () => {
    const claims = new WarmingClaims();
    const many = Array.from({ length: MAX_HOT_KEYS + 5 }, (_, at) => hot(`k${at}`));
    expect(claims.take(claim("1", { leftMs: 300_000 }), many, NOW).claimed).toBe(MAX_HOT_KEYS);
    expect(claims.held(NOW)).toBe(MAX_HOT_KEYS);
    expect(claims.take(claim("2"), many, NOW).joined).toHaveLength(MAX_HOT_KEYS);
  });
});
