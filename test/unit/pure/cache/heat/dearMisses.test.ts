import { describe, expect, test } from "vitest";
import { MAX_DEAR_KEYS, MISS_HALF_LIFE_MS } from "../../../../../src/cache/constants.ts";
import { DearMisses } from "../../../../../src/cache/heat/dearMisses.ts";
import { MissCosts } from "../../../../../src/cache/missCosts.ts";
import { lives, NOW } from "../bumpBed.ts";

describe.for(lives)("what the world's visitors waited for, %s", ([, evicts]) => {
  function bed() {
    let misses = new DearMisses(new Map());
    return {
      add: (all: readonly (readonly [string, number, number])[], now: number) => {
        misses.add(all, now);
        if (evicts) misses = new DearMisses(misses.toRows());
      },
      dearest: (count: number, now: number) => misses.dearest(count, now),
      chars: () => [...misses.toRows().values()].join("").length,
    };
  }

  test("adds up, the dearest first, and is halved each hour", () => {
    const { add, dearest } = bed();
    add([["a", 2, 100], ["b", 1, 300]], NOW); // biome-ignore format: pairs
    add([["a", 2, 300]], NOW);
    expect(dearest(9, NOW)).toEqual([
      { key: "a", misses: 4, waitedMs: 400 },
      { key: "b", misses: 1, waitedMs: 300 },
    ]);
    add([["b", 1, 60]], NOW + MISS_HALF_LIFE_MS);
    expect(dearest(1, NOW + MISS_HALF_LIFE_MS)).toEqual([{ key: "b", misses: 2, waitedMs: 210 }]);
    expect(dearest(9, NOW + 20 * MISS_HALF_LIFE_MS)).toEqual([]);
  });

  test("is bounded: the cheapest is forgotten", () => {
    const { add, dearest, chars } = bed();
    for (let at = 0; at < 2 * MAX_DEAR_KEYS; at++) add([[`/${"k".repeat(190)}${at}`, 1, at + 1]], NOW);
    const all = dearest(9_999, NOW);
    expect(all).toHaveLength(MAX_DEAR_KEYS);
    expect([all[0]?.waitedMs, all.at(-1)?.waitedMs]).toEqual([2 * MAX_DEAR_KEYS, MAX_DEAR_KEYS + 1]);
    expect(chars()).toBeLessThan(100_000);
  });
});

describe("what one isolate's visitors waited for", () => {
  test("is told once, since it was told last, and kept for who asks here", () => {
    const costs = new MissCosts();
    costs.missed("a", 1.4);
    costs.missed("b", 9);
    costs.missed("a", 2);
    expect(costs.take()).toEqual([
      ["b", 1, 9],
      ["a", 2, 3],
    ]);
    expect(costs.take()).toEqual([]);
    costs.missed("a", 5);
    expect(costs.take()).toEqual([["a", 1, 5]]);
    expect(costs.dearest(1)).toEqual([{ key: "b", misses: 1, waitedMs: 9 }]);
  });

  test("is bounded, and a new dear one finds room", () => {
    const costs = new MissCosts();
    for (let at = 0; at < 500; at++) costs.missed(`k${at}`, at);
    expect(costs.dearest(999)).toHaveLength(64);
    expect(costs.take()).toHaveLength(64);
    expect(costs.dearest(1)).toEqual([{ key: "k499", misses: 1, waitedMs: 499 }]);
  });
});
