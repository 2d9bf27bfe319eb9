import { describe, expect, it } from "vitest";
import { faultPlan } from "../../../../../tools/chaos/cluster/faultPlan.ts";
import { seededRandom } from "../../../../../tools/neon-proxy/faults/seededRandom.ts";

describe("the plan of faults", () => {
  it("is the same for the same seed, and another for another", () => {
    const planOf = (seed: number) => faultPlan(180_000, seededRandom(seed));
    expect(planOf(1)).toEqual(planOf(1));
    expect(planOf(1)).not.toEqual(planOf(2));
  });

  it("begins each fault after the last one's end, and ends in calm", () => {
    for (let seed = 1; seed <= 50; seed++) {
      let endedMs = 0;
      for (const { atMs, forMs } of faultPlan(60_000, seededRandom(seed))) {
        expect(atMs).toBeGreaterThan(endedMs);
        endedMs = atMs + forMs;
      }
      expect(endedMs).toBeGreaterThan(0);
      expect(endedMs).toBeLessThan(60_000);
    }
  });

  it("plays every kind in three minutes", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const kinds = new Set(faultPlan(180_000, seededRandom(seed)).map(({ fault }) => fault.kind));
      const all = [
        "kill",
        "stop",
        "pause",
        "slow",
        "black-hole",
        "drop-answers",
        "lag",
        "detach",
        "promote",
        "rival",
        "objects",
      ];
      expect([seed, all.filter((kind) => !kinds.has(kind as never))]).toEqual([seed, []]);
    }
  });
});
