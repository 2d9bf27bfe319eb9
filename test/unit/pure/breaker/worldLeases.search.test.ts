import { expect, test, vi } from "vitest";
import { searchLeases } from "./leaseSearch.ts";

vi.setConfig({ testTimeout: 60_000 });

/**
 * Two isolates of two leases each, their messages lost, late and repeated, orders given and taken back, the owner evicted
 * at every turn.
 */
test.for<[steps: number, underWay: number]>([
  [5, 0],
  [4, 3],
])(
  "in all histories of %d steps with %d probes under way at first, three live at most, and no epoch falls",
  ([steps, underWay]) => {
    const { broken, reached, states } = searchLeases(steps, underWay);
    expect(broken).toBeUndefined();
    expect([...reached]).toEqual(expect.arrayContaining(["open", "half-open", "shadow", "3 live", "3 held"]));
    if (underWay > 0) expect(reached).toContain("ramping");
    expect(states).toBeGreaterThan(1_000);
  },
);
