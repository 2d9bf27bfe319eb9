import { describe, expect, test } from "vitest";
import { DAY_MS } from "../../../../../src/cache/constants.ts";
import { kvAllowance } from "../../../../../src/cache/warm/kvAllowance.ts";
import { type KvWriteFacts, planKvWrite } from "../../../../../src/cache/warm/planKvWrite.ts";

const NOW = 1_764_028_800_000;
const COPY = {
  hash: "same",
  loadedAt: NOW - 300_000,
  staleUntil: NOW + 375_100,
  errorUntil: NOW + 7_200_000,
  loadMs: 100,
};
const FACTS: KvWriteFacts = {
  now: NOW,
  copy: COPY,
  hash: "same",
  next: { inMs: 300_000, marginMs: 75_000 },
  runwayMs: 3_600_000,
  kvWrites: 3,
};

test.for<[string, Partial<KvWriteFacts>, string]>([
  ["the same answer, shown until the next run's copy is seen", {}, "unchanged"],
  ["another answer", { hash: "other" }, "write"],
  ["the same that is shown a moment too short", { copy: { ...COPY, staleUntil: NOW + 375_099 } }, "write"],
  ["the same that would not last an outage", { copy: { ...COPY, errorUntil: NOW + 3_599_999 } }, "write"],
  ["what KV does not have", { copy: { ...COPY, loadedAt: 0, hash: "" } }, "write"],
  ["another answer a minute after the last", { hash: "other", copy: { ...COPY, loadedAt: NOW - 60_000 } }, "write"],
  ["another within a minute", { hash: "other", copy: { ...COPY, loadedAt: NOW - 59_999 } }, "just-written"],
  ["the same answer when no write is left", { kvWrites: 0 }, "unchanged"],
  ["another answer when no write is left", { hash: "other", kvWrites: 0 }, "kv-writes"],
])("%s: %s", ([, facts, expected]) => {
  const plan = planKvWrite({ ...FACTS, ...facts });
  expect(plan.kind === "skip" ? plan.why : plan.kind).toBe(expected);
});

describe("a run's KV writes", () => {
  const MIDNIGHT = NOW - (NOW % DAY_MS);
  const day = { now: MIDNIGHT, writesLeft: 1_000, writesPerDay: 1_000, nextRunInMs: 300_000 };

  test.for([
    ["the first of the day", {}, 3],
    ["every minute, the first has none", { nextRunInMs: 60_000 }, 0],
    ["every minute, but the second may write", { now: MIDNIGHT + 60_000, nextRunInMs: 60_000 }, 1],
    ["after a night without a write", { now: MIDNIGHT + 6 * 3_600_000 }, 253],
    ["after a night of too many", { now: MIDNIGHT + 6 * 3_600_000, writesLeft: 700 }, 0],
    ["the last of the day has what is left", { now: MIDNIGHT + DAY_MS - 200_000, writesLeft: 7 }, 7],
    ["when all are gone", { writesLeft: 0 }, 0],
  ] as const)("%s", ([, more, expected]) => {
    expect(kvAllowance({ ...day, ...more })).toBe(expected);
  });
});
