import { describe, expect, test } from "vitest";
import { cronChecks, cronNotes } from "../../../../src/health/cronChecks.ts";
import type { HealthCheck } from "../../../../src/health/healthCheck.ts";
import { nodeChecks } from "../../../../src/health/nodeChecks.ts";
import { wordChecks } from "../../../../src/health/wordChecks.ts";
import { hold } from "../../../../src/rpc/held.ts";
import type { BumpsPart } from "../../../../src/rpc/parts.ts";
import { ASLEEP, HELD, MINUTE, NOW, nodesOf, OPEN, type Seen, WELL } from "./nodes.ts";

const WHEN = new Date(NOW).toISOString();

describe("the check of a node", () => {
  const of = (seen: Seen): HealthCheck => nodeChecks(nodesOf([seen]), NOW)[0] as HealthCheck;

  test.for<[string, Seen, string, string | undefined]>([
    ["not seen yet", {}, "warn", "nothing seen yet"],
    ["that answered just now", WELL, "pass", undefined],
    ["that answered 45 s ago", { answered: 45_000 }, "pass", undefined],
    ["that answered 45.001 s ago", { answered: 45_001 }, "warn", "last answer 45 s old"],
    ["that answered 89.999 s ago", { answered: 89_999 }, "warn", "last answer 90 s old"],
    ["that answered 90.001 s ago", { answered: 90_001 }, "fail", "last evidence 90 s old"],
    ["that answered an hour ago", { answered: 60 * MINUTE }, "fail", "last evidence 3600 s old"],
    ["that failed since", { answered: 5_000, failed: 1_000, times: 1 }, "warn", "failed since it answered, 5 s ago"],
    ["that has failed only", { failed: 1_000, times: 4 }, "warn", "has not answered yet"],
    ["that fails, its answer too old", { answered: 100_000, failed: 1_000, times: 4 }, "fail", "last answer 100 s old"],
    ["that is open", OPEN, "fail", "open: it does not answer"],
    ["that refuses us", { failed: 1, misconfigured: true }, "fail", "refuses our credentials or database name"],
    ["that is held open", { ...HELD, ...WELL, state: "forced-open" }, "fail", "held open by order"],
    ["that is held open and was never seen", HELD, "fail", "held open by order"],
    ["that is held closed", { ...WELL, state: "forced-closed" }, "warn", "held closed by order"],
    ["that would be open", { ...WELL, state: "shadow", would: "open" }, "warn", "would be open"],
    ["that is shadowed and well", { ...WELL, state: "shadow", would: "closed" }, "pass", undefined],
    ["that answered its first probe", { ...WELL, failed: 3_000, state: "half-open" }, "warn", "on its way back"],
    ["that ramps up", { ...WELL, state: "ramping" }, "warn", "on its way back"],
    ["that lags", { ...WELL, behind: 30_000 }, "warn", "30 s behind"],
    ["that sleeps", ASLEEP, "pass", undefined],
    ["that failed before it slept", { ...ASLEEP, failed: 9 * MINUTE, times: 1 }, "fail", "last evidence 540 s old"],
  ])("%s", ([, seen, status, output]) => {
    const check = of(seen);
    expect([check.status, check.output]).toEqual([status, output]);
    expect("output" in check).toBe(status !== "pass");
    expect(check).toMatchObject({ componentId: "node-1", componentType: "datastore", time: WHEN });
    const hasAge = seen.answered !== undefined || seen.failed !== undefined || seen.state === "forced-open";
    expect(check.observedUnit).toBe(hasAge ? "ms" : undefined);
  });

  test("is one of each node, with its age and its breaker's state", () => {
    expect(nodeChecks(nodesOf([WELL, { ...OPEN, answered: 7_000 }, ASLEEP]), NOW)).toMatchObject([
      { componentId: "node-1", observedValue: 2_000, state: "closed" },
      { componentId: "node-2", observedValue: 7_000, state: "open" },
      { componentId: "node-3", observedValue: 10 * MINUTE, state: "asleep" },
    ]);
  });
});

describe("the check of a cron", () => {
  const part = (changes: Partial<BumpsPart>): BumpsPart => ({
    incarnation: NOW - MINUTE,
    epoch: 0,
    version: 0,
    ageMs: 0,
    seq: 0,
    since: 0,
    buckets: [],
    live: [],
    cover: [],
    ...changes,
  });
  const MINUTELY = "* * * * *";
  const FIVE = "*/5 * * * *";
  const NIGHTLY = "17 3 * * *";
  const of = (changes: Partial<BumpsPart>, wordMs = 0) => cronChecks(hold(part(changes), wordMs, NOW), NOW);
  const beat = (cron: string, endedAgeMs: number) => ({ cron, endedAgeMs });

  test.for<[string, string, number, string]>([
    ["just now", MINUTELY, 1_000, "pass"],
    ["five minutes ago", MINUTELY, 5 * MINUTE, "pass"],
    ["a moment more than five minutes ago", MINUTELY, 5 * MINUTE + 1, "warn"],
    ["a day ago", MINUTELY, 1_440 * MINUTE, "warn"],
    ["twenty minutes ago", FIVE, 20 * MINUTE, "pass"],
    ["more than twenty minutes ago", FIVE, 20 * MINUTE + 1, "warn"],
    ["a day ago", NIGHTLY, 1_440 * MINUTE, "pass"],
    ["a day and more than two hours ago", NIGHTLY, 26 * 60 * MINUTE + 1, "warn"],
  ])("whose run ended %s (%s)", ([, cron, endedAgeMs, status]) => {
    const [check] = of({ crons: [beat(cron, endedAgeMs)] });
    expect(check).toMatchObject({ componentId: cron, status, observedValue: endedAgeMs, componentType: "system" });
  });

  test("counts the word's own age", () => {
    const [check] = of({ crons: [beat(MINUTELY, 5 * MINUTE - 10_000)] }, 20_000);
    expect(check).toMatchObject({ status: "warn", observedValue: 5 * MINUTE + 10_000 });
  });

  test("never blames the crons for our own silence", () => {
    const checks = of({ crons: [beat(MINUTELY, 1_000)] }, 10 * MINUTE);
    expect(checks).toHaveLength(3);
    for (const check of checks) expect(check).toMatchObject({ status: "warn", output: "last heard of 600 s ago" });
  });

  test("is left out while no run is due yet, and says so when one is", () => {
    expect(of({ crons: [] })).toEqual([]);
    expect(of({ crons: [], incarnation: NOW - 6 * MINUTE })).toMatchObject([
      { componentId: MINUTELY, status: "warn", output: "no run yet" },
    ]);
  });

  test("is left out where nobody said anything of crons", () => {
    expect(cronChecks(undefined, NOW)).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test("is a note only where it is overdue, and knows no other cron", () => {
    const checks = of({ crons: [beat(MINUTELY, 7 * MINUTE), beat(FIVE, 1), beat("0 0 * * *", 99 * MINUTE)] });
    expect(cronNotes(checks)).toEqual(["cron * * * * *: no run for 7 min"]);
  });
});

describe("the check of an object's word", () => {
  const stamp = { incarnation: 1, epoch: 0, version: 0, ageMs: 0 };
  const words = (ageMs: number, viaNeighbour = false) => ({
    breaker: hold(stamp, ageMs, NOW, viaNeighbour),
    replicas: undefined,
    cache: undefined,
    softMs: 10_000,
  });

  test.for<[number, boolean, string, string]>([
    [0, false, "pass", "fresh"],
    [10_000, true, "pass", "cached"],
    [10_001, false, "warn", "fail-static"],
    [10 * MINUTE, true, "warn", "fail-static"],
  ])("is told by its age: %d ms, by a neighbour: %s", ([ageMs, viaNeighbour, status, source]) => {
    expect(wordChecks(words(ageMs, viaNeighbour), NOW)[0]).toMatchObject({
      componentId: "breaker",
      status,
      source,
      observedValue: ageMs,
    });
  });

  test("warns, and never fails, where it was never heard of", () => {
    expect(wordChecks(words(0), NOW)[1]).toEqual({
      componentId: "replicas",
      componentType: "component",
      status: "warn",
      time: WHEN,
      output: "not heard of yet",
      source: "local-only",
    });
  });
});
