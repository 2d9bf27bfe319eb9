import { describe, expect, it } from "vitest";
import { faultPlan, type PlannedFault } from "../../../../../tools/chaos/cluster/faultPlan.ts";
import { seededRandom } from "../../../../../tools/neon-proxy/faults/seededRandom.ts";

/** Of each kind one. */
function planOf(seed: number): PlannedFault[] {
  const plan = faultPlan(seededRandom(seed));
  return Array.from({ length: 17 }, () => plan.next().value);
}

describe("the plan of faults", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(planOf(1)).toEqual(planOf(1));
    expect(planOf(1)).not.toEqual(planOf(2));
  });

  it("has every kind in each round", () => {
    const all = ["black-hole", "detach", "drop-answers", "kill", "lag", "objects", "pause", "promote", "rival", "slow"];
    for (let seed = 1; seed <= 20; seed++) {
      const kinds = new Set<string>(planOf(seed).map(({ fault }) => fault.kind));
      expect([seed, all.filter((kind) => !kinds.has(kind))]).toEqual([seed, []]);
    }
  });

  it("lays at most a second fault over one, and only where the objects have nothing to decide", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const overlaid = planOf(seed).filter(({ beside }) => beside !== undefined);
      for (const { fault } of overlaid) expect(["slow", "lag", "kill", "black-hole"]).toContain(fault.kind);
    }
  });
});
