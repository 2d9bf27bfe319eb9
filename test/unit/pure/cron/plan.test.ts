import { describe, expect, test } from "vitest";
import { ANALYZE_MS, NIGHTLY_AGAIN_MS, NIGHTLY_OVERDUE_MS } from "../../../../src/cron/constants.ts";
import { planFiveMinutes, planNightly } from "../../../../src/cron/plan.ts";

describe("every five minutes", () => {
  const AWAKE = { isAsleep: false, isOpen: false, leftMs: 120_000, lastMark: "m1" };

  test.for<[string, Partial<Parameters<typeof planFiveMinutes>[0]>, string, string?]>([
    ["the newest mark is asked for first", {}, "ask"],
    ["statistics are taken when something was written", { newestMark: "m2" }, "refresh"],
    ["statistics are taken when nothing is known of the last run", { lastMark: null, newestMark: "m1" }, "refresh"],
    ["nothing was written", { newestMark: "m1" }, "skip", "nothing was written since the last run"],
    ["nothing was ever written", { newestMark: null, lastMark: null }, "skip", "nothing was written yet"],
    ["a sleeping database is not asked", { isAsleep: true }, "skip", "the database is asleep"],
    ["not even when a write is known of", { isAsleep: true, newestMark: "m2" }, "skip", "the database is asleep"],
    ["nor is one that does not answer", { isOpen: true }, "skip", "the database does not answer"],
    ["nor without time for a table", { leftMs: ANALYZE_MS - 1 }, "skip", "no time is left"],
    ["with just enough time it is", { leftMs: ANALYZE_MS }, "ask"],
  ])("%s", ([, facts, step, reason]) => {
    const { isAsleep, isOpen } = { ...AWAKE, ...facts };
    expect(planFiveMinutes({ ...AWAKE, ...facts })).toEqual({
      // Sent to every database that is awake and answers: it alone knows what is left to do.
      refresh: isAsleep || isOpen ? { do: "skip", reason } : { do: "run" },
      statistics: reason === undefined ? { do: step } : { do: step, reason },
    });
  });
});

describe("the nightly work", () => {
  const NOW = 1_800_000_000_000;
  const OVERDUE = NOW - NIGHTLY_OVERDUE_MS - 1;
  const night = { isAsleep: false, isOpen: false, isScheduled: true, lastSuccessAt: NOW - 60_000, lastBegunAt: null };
  const missed = { ...night, isScheduled: false, lastSuccessAt: OVERDUE };

  test.for<[string, Omit<Parameters<typeof planNightly>[0], "now">, string?]>([
    ["is done when its hour has come", night],
    ["is not done in a sleeping database", { ...night, isAsleep: true }, "the database is asleep"],
    ["is not tried where nothing answers", { ...night, isOpen: true }, "the database does not answer"],
    ["is made up for when it was missed", missed],
    ["is made up for when it never was", { ...missed, lastSuccessAt: null }],
    ["is not made up for in a sleeping database", { ...missed, isAsleep: true }, "the database is asleep"],
    ["is not made up for where nothing answers", { ...missed, isOpen: true }, "the database does not answer"],
    [
      "is not done again within 26 hours",
      { ...missed, lastSuccessAt: NOW - NIGHTLY_OVERDUE_MS },
      "it was done within the last day",
    ],
    [
      "is not tried again within an hour",
      { ...missed, lastBegunAt: NOW - NIGHTLY_AGAIN_MS },
      "it was tried within the last hour",
    ],
    ["is tried again after an hour", { ...missed, lastBegunAt: NOW - NIGHTLY_AGAIN_MS - 1 }],
  ])("%s", ([, facts, reason]) => {
    expect(planNightly({ now: NOW, ...facts })).toEqual(reason === undefined ? { do: "run" } : { do: "skip", reason });
  });
});
