import { expect, test } from "vitest";
import { LEASE_BURST } from "../../../../src/cache/constants.ts";
import { LeaseBudget } from "../../../../src/cache/leaseBudget.ts";
import { NOW } from "./entries.ts";

/** How many leases may be asked for after so many requests, a gap apart. */
function taken(requests: number, gapMs: number): number {
  const budget = new LeaseBudget();
  while (budget.take()); // what it begins with
  for (let request = 0; request < requests; request++) budget.earn(NOW + request * gapMs);
  let count = 0;
  while (budget.take()) count++;
  return count;
}

test("leases are asked for by one request in two hundred, and on a quiet site each twenty seconds", () => {
  expect([taken(199, 0), taken(201, 0), taken(1_001, 0)]).toEqual([0, 1, 5]);
  expect([taken(2, 19_000), taken(2, 20_000), taken(2, 100_000)]).toEqual([0, 1, 5]);
});

test("nothing is saved up beyond a burst, which it begins with", () => {
  expect(taken(2, 3_600_000)).toBe(LEASE_BURST);
  const budget = new LeaseBudget();
  let count = 0;
  while (budget.take()) count++;
  expect(count).toBe(LEASE_BURST);
});
