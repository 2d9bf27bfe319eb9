import { beforeEach, describe, expect, it } from "vitest";
import { Troubles } from "../../../../../tools/chaos/cluster/troubles.ts";

let nowMs: number;
let troubles: Troubles;

beforeEach(() => {
  nowMs = 0;
  troubles = new Troubles(() => nowMs);
  troubles.isPrimary("node-1");
});

const at = (ms: number, what: () => void) => {
  nowMs = ms;
  what();
};

describe("the primary answered", () => {
  it("all the time, where nothing was done to it", () => {
    at(10, () => troubles.begins("node-2"));
    expect(troubles.primaryAnswered(5, 20)).toBe(true);
  });

  it("not while it was in trouble, nor in the moment after, and again from then on", () => {
    at(10, () => troubles.begins("node-1"));
    at(20, () => troubles.ends("node-1"));
    const spans = [
      [1, 9],
      [5, 12],
      [12, 15],
      [18, 25],
      [21, 25],
      [1_020, 1_025],
      [1_021, 1_025],
    ] as const;
    expect(spans.map(([from, to]) => troubles.primaryAnswered(from, to))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it("not to a request that began before another was promoted, or in the moment that nobody has heard of it", () => {
    at(10, () => troubles.begins("node-1"));
    at(20, () => troubles.isPrimary("node-2"));
    const began = [15, 21, 1_019, 1_020];
    expect(began.map((ms) => troubles.primaryAnswered(ms, 1_025))).toEqual([false, false, false, true]);
  });
});
