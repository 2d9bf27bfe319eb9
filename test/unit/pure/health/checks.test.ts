import { afterEach, describe, expect, test, vi } from "vitest";
import { dueChecks, runChecks } from "../../../../src/health/checks.ts";
import { CHECK_DEADLINE_MS, CHECK_EXPIRES_MS } from "../../../../src/health/constants.ts";
import { answerOf, bed, failure, PRIMARY, primaryOf, REPLICA, type Reply, sqlError, THREE } from "../database/bed.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("a node is due for a check", () => {
  const NOW = 500_000;
  /** `seen`: milliseconds since its last attempt, if there was one, and how that ended. */
  type Case = [
    string,
    { seen?: [number, "slow" | undefined, boolean]; maySleep?: boolean; startedAgo?: number },
    boolean,
  ];
  test.for<Case>([
    ["when nobody ever asked it", {}, true],
    ["not when a query was answered just now", { seen: [9_999, undefined, false] }, false],
    ["when no query was answered for ten seconds", { seen: [10_000, undefined, false] }, true],
    ["not when a check was answered just now", { seen: [9_999, undefined, true] }, false],
    ["not when it failed just now", { seen: [1_999, "slow", false] }, false],
    ["when it failed two seconds ago", { seen: [2_000, "slow", false] }, true],
    ["not while another request checks it", { startedAgo: CHECK_EXPIRES_MS - 1 }, false],
    ["when that other check is taken for dead", { startedAgo: CHECK_EXPIRES_MS }, true],
    ["not when it may sleep and nobody ever asked it", { maySleep: true }, false],
    [
      "not when it may sleep and no query came for four minutes",
      { maySleep: true, seen: [240_001, undefined, false] },
      false,
    ],
    ["when it may sleep, but a query came since", { maySleep: true, seen: [240_000, undefined, false] }, true],
    ["not when it may sleep and only we asked it", { maySleep: true, seen: [20_000, undefined, true] }, false],
  ])("%s", ([, { seen, maySleep, startedAgo }, due]) => {
    const { state } = bed({ roles: { a: REPLICA }, maySleep: maySleep ? ["a"] : [] });
    if (seen) state.observe("a", { failure: seen[1], kind: seen[2] ? "check" : "read", now: NOW - seen[0] });
    const inFlight = new Map(startedAgo === undefined ? [] : [["a", NOW - startedAgo]]);
    expect(dueChecks(state, inFlight, NOW).map(({ name }) => name)).toEqual(due ? ["a"] : []);
  });
});

describe("a check", () => {
  const check = (roles: Record<string, Reply>) => {
    const made = bed({ roles, deadlineMs: CHECK_DEADLINE_MS });
    const inFlight = new Map<string, number>();
    return { ...made, inFlight, done: answerOf(runChecks(made.scope, made.state.nodes, inFlight)) };
  };

  test("learns the roles, and asks all nodes again when one is not what was known", async () => {
    const { done, state, asked } = check({ ...THREE });
    await done;
    expect(state.topology.primary).toBe("p");
    expect(asked).toHaveLength(6);
  });

  test("asks each node once when all are what was known", async () => {
    const first = check({ ...THREE });
    await first.done;
    await answerOf(runChecks(first.scope, first.state.nodes, new Map()));
    expect(first.asked).toHaveLength(9);
  });

  test("learns of a promotion", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const first = check(roles);
    await first.done;
    Object.assign(roles, { p: failure("connect"), a: primaryOf("2") });
    await answerOf(runChecks(first.scope, first.state.nodes, new Map()));
    expect(first.state.topology).toMatchObject({ primary: "a", epoch: "2" });
  });

  test.for<[string, Reply]>([
    ["dead", failure("connect")],
    ["frozen", "hang"],
    ["frozen and deaf to signals", "deaf"],
  ])("that finds a node %s asks five times, so that one check tells", async ([, reply]) => {
    const { done, state, asked, inFlight, elapsedMs } = check({ a: reply });
    await done;
    expect(asked).toHaveLength(5);
    expect(state.evidence("a").failuresInARow).toBe(5);
    expect(state.breakers.admits("a", Date.now())).toBe(false);
    expect(inFlight.size).toBe(0);
    expect(elapsedMs()).toBeLessThanOrEqual(CHECK_DEADLINE_MS);
  });

  test("asks a node that refuses our password once", async () => {
    const { done, asked, state } = check({ a: sqlError("28P01") });
    await done;
    expect(asked).toHaveLength(1);
    expect(state.evidence("a").misconfigured).toBe(true);
  });

  test("starts no question that can only be cut off", async () => {
    const { scope, state, asked } = bed({ roles: { a: PRIMARY }, deadlineMs: 10 });
    await answerOf(runChecks(scope, state.nodes, new Map()));
    expect(asked).toEqual([]);
    expect(state.evidence("a").failuresInARow).toBe(0);
  });

  test("is told from the application's queries", async () => {
    const { done, state, scope } = check({ a: PRIMARY });
    await done;
    expect(state.evidence("a").lastQueryAt).toBeUndefined();
    expect(scope.timings).toEqual([]);
  });
});
