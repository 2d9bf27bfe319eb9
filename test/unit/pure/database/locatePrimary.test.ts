import { afterEach, describe, expect, test, vi } from "vitest";
import { NO_PRIMARY_MS, TOPOLOGY_MAX_AGE_MS } from "../../../../src/database/constants.ts";
import { askRole, locatePrimary, refreshTopology } from "../../../../src/database/locatePrimary.ts";
import { writablePrimary } from "../../../../src/database/writablePrimary.ts";
import { replicasPart } from "../exchange/parts.ts";
import {
  answerOf,
  bed,
  errorOf,
  failure,
  PRIMARY,
  primaryOf,
  REPLICA,
  type Reply,
  result,
  sqlError,
  THREE,
} from "./bed.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("the primary", () => {
  test("is known by asking all nodes once, and for half a minute", async () => {
    const { scope, asked } = bed({ roles: { ...THREE }, deadlineMs: 10 * TOPOLOGY_MAX_AGE_MS });
    expect(await answerOf(locatePrimary(scope))).toEqual({ node: "p", epoch: "1" });
    vi.advanceTimersByTime(TOPOLOGY_MAX_AGE_MS);
    await answerOf(locatePrimary(scope));
    expect(asked).toEqual(["p", "a", "b"]);
    vi.advanceTimersByTime(1);
    await answerOf(locatePrimary(scope));
    expect(asked).toHaveLength(6);
  });

  test("is used at once when its age is over, while a frozen replica owes its word on its role", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const { scope, asked } = bed({ roles, deadlineMs: 10 * TOPOLOGY_MAX_AGE_MS });
    await answerOf(locatePrimary(scope));
    roles.a = "hang";
    vi.advanceTimersByTime(TOPOLOGY_MAX_AGE_MS + 1);
    const startedAt = scope.options.now();
    for (let index = 0; index < 3; index++) expect((await locatePrimary(scope)).node).toBe("p");
    expect(scope.options.now()).toBe(startedAt);
    expect(asked).toHaveLength(6); // one refresh for all of them
  });

  test("is asked for at once where what is known was refuted", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const { scope } = bed({ roles });
    await answerOf(locatePrimary(scope));
    Object.assign(roles, { p: failure("connect"), a: primaryOf("2") });
    expect(await answerOf(locatePrimary(scope, true))).toEqual({ node: "a", epoch: "2" });
  });

  test("that nobody found a moment ago is not searched again before a second has passed", async () => {
    const { scope, asked } = bed({ roles: { a: REPLICA } });
    for (let index = 0; index < 3; index++) {
      expect((await errorOf(locatePrimary(scope))).code).toBe("unavailable");
    }
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(NO_PRIMARY_MS + 1);
    await errorOf(locatePrimary(scope));
    expect(asked).toHaveLength(2);
  });

  test("is searched for by one request at a time: the others are refused at once", async () => {
    const roles: Record<string, Reply> = { a: REPLICA, p: "hang" };
    const { scope, asked } = bed({ roles, deadlineMs: 20_000 });
    await errorOf(locatePrimary(scope));
    vi.advanceTimersByTime(NO_PRIMARY_MS + 1);
    const before = asked.length;
    const startedAt = Date.now();
    const tookMs = (locating: Promise<unknown>) => locating.then(() => -1).catch(() => Date.now() - startedAt);
    const times = [locatePrimary(scope), locatePrimary(scope), locatePrimary(scope)].map(tookMs);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await Promise.all(times)).filter((ms) => ms === 0)).toHaveLength(2);
    expect(asked.length - before).toBeLessThanOrEqual(3);
  });

  test("is asked of the world where a new isolate finds a node silent: its rival may be whoever answers", async () => {
    const silent = () => bed({ roles: { a: primaryOf("1"), b: REPLICA, p: failure("connect") } });
    const { scope, state } = silent();
    state.followsWorld = true;
    state.askWorld = async () => {
      const map = { primary: "p", databaseEpoch: "1", newestEpoch: "1", sampleAgeMs: 0 };
      state.view.adopt({ replicas: replicasPart(map) }, 0, Date.now());
      state.heardMap(Date.now());
    };
    expect(await answerOf(locatePrimary(scope))).toEqual({ node: "p", epoch: "1" });
    const alone = silent();
    alone.state.followsWorld = true;
    alone.state.askWorld = async () => {}; // they do not answer
    expect(await answerOf(locatePrimary(alone.scope))).toEqual({ node: "a", epoch: "1" });
  });

  test.for([
    ["an hour back", -3_600_000],
    ["an hour ahead", 3_600_000],
  ] as const)("is searched again though the clock was set %s meanwhile", async ([, jumpMs]) => {
    const roles: Record<string, Reply> = { a: REPLICA };
    const { scope, asked } = bed({ roles, deadlineMs: 20_000_000 });
    await errorOf(locatePrimary(scope));
    Object.assign(roles, { a: PRIMARY });
    vi.setSystemTime(Date.now() + jumpMs);
    expect(await answerOf(locatePrimary(scope))).toEqual({ node: "a", epoch: "1" });
    vi.setSystemTime(Date.now() + jumpMs);
    expect(await answerOf(locatePrimary(scope))).toEqual({ node: "a", epoch: "1" }); // used meanwhile, asked behind it
    expect(asked).toHaveLength(3);
  });

  test("without the schema is asked again soon, so that an installation is seen", async () => {
    const roles: Record<string, Reply> = { p: primaryOf(null) };
    const { scope } = bed({ roles });
    expect((await errorOf(writablePrimary(scope))).code).toBe("configuration");
    expect(await answerOf(locatePrimary(scope))).toEqual({ node: "p", epoch: null }); // to be read it is good enough
    roles.p = PRIMARY;
    vi.advanceTimersByTime(NO_PRIMARY_MS + 1);
    expect(await answerOf(writablePrimary(scope))).toEqual({ node: "p", epoch: "1" });
  });
});

describe("a question for roles that fails at once", () => {
  test("is asked again of what may be the primary: one connection that was cut off does not stop all writes", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const { scope, asked, state } = bed({ roles });
    await answerOf(locatePrimary(scope));
    roles.a = failure("connection");
    Object.defineProperty(roles, "p", { get: () => (asked.length === 4 ? failure("connection") : PRIMARY) });
    expect(await answerOf(locatePrimary(scope, true))).toEqual({ node: "p", epoch: "1" });
    expect(asked.slice(3).toSorted()).toEqual(["a", "b", "p", "p"]);
    expect(state.evidence("a").failuresInARow).toBe(1);
  });

  test("is asked no third time, and not again of a node that refuses our password", async () => {
    const { scope, asked } = bed({ roles: { p: failure("connect"), a: sqlError("28P01") } });
    await errorOf(locatePrimary(scope));
    expect(asked.toSorted()).toEqual(["a", "p", "p"]);
  });
});

describe("a question for roles", () => {
  /** Two nodes that may sleep, of which `awake` were asked by the application just now. */
  const sleepers = (roles: Record<string, Reply>, awake: readonly string[], maySleep: readonly string[]) => {
    const made = bed({ roles, maySleep });
    for (const node of awake) made.state.observe(node, { failure: undefined, kind: "read", now: Date.now() });
    return made;
  };

  test("wakes no sleeping node when another is the primary", async () => {
    const { scope, asked } = sleepers({ ...THREE }, ["a"], ["a", "b"]);
    await answerOf(refreshTopology(scope, 1_000));
    expect(asked).toEqual(["p", "a"]);
  });

  test("wakes sleeping nodes when none that is awake is the primary", async () => {
    const { scope, asked, state } = sleepers({ ...THREE }, [], ["p", "b"]);
    await answerOf(refreshTopology(scope, 1_000));
    expect(asked).toEqual(["a", "p", "b"]);
    expect(state.topology.primary).toBe("p");
  });

  test("of a node without the schema is asked in a barer way", async () => {
    const asked: string[] = [];
    const { scope } = bed({ roles: { p: PRIMARY } });
    const question = vi.spyOn(scope, "question").mockImplementation(async (_, statement) => {
      asked.push(statement.name);
      if (asked.length === 2) return { ok: true, value: result(["r", "e"], [false, null]) };
      const missing = sqlError("42P01", {}, 'relation "breakwater.epochs" does not exist');
      return { ok: false, failure: missing, judgement: { class: "caller", effect: "none" } };
    });
    expect(await answerOf(askRole(scope, "p", 500))).toMatchObject({ node: "p", inRecovery: false, epoch: null });
    expect(asked).toEqual(["breakwater.sample", "breakwater.bare-sample"]);
    question.mockRestore();
  });

  test.for<Reply>([failure("connect"), failure("http", 500), sqlError("28P01"), "hang", "deaf"])(
    "gets no role from a node that fails (%#)",
    async (reply) => {
      const { scope } = bed({ roles: { p: reply } });
      expect(await answerOf(askRole(scope, "p", 500))).toBeUndefined();
    },
  );

  test("waits for a frozen node no longer than a second, with the sleepers no longer than the request", async () => {
    const { scope, elapsedMs } = sleepers({ p: "hang", a: "hang" }, [], ["a"]);
    await answerOf(refreshTopology(scope, 3_000));
    expect(elapsedMs()).toBe(2_000);
    await answerOf(refreshTopology(scope, 1_500));
    expect(elapsedMs()).toBe(3_500);
  });

  test("is not asked with too little time, which would make a healthy node look slow", async () => {
    const { scope, state, asked } = bed({ roles: { ...THREE } });
    const before = state.topology;
    expect(await answerOf(refreshTopology(scope, 19))).toBe(before);
    expect([asked, state.evidence("p").failuresInARow]).toEqual([[], 0]);
  });
});

describe("who needs a primary where there is none", () => {
  test("asks the world behind the answer, at most four times a second, and not at all while it answers", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const { scope, state } = bed({ roles, deadlineMs: 10 * TOPOLOGY_MAX_AGE_MS });
    const asks = async () => {
      await locatePrimary(scope).catch(() => {});
      const isUrgent = state.ledger.urgentAt !== undefined;
      return [isUrgent, state.ledger.take(scope.options.now()).sample];
    };
    await answerOf(locatePrimary(scope));
    expect(await asks()).toEqual([false, false]);
    state.observe("p", { failure: "infrastructure", kind: "write", now: scope.options.now() });
    state.ledger.take(scope.options.now()); // the failure is news of its own
    expect(await asks()).toEqual([true, true]);
    expect(await asks()).toEqual([false, false]);
    let asked = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      vi.advanceTimersByTime(10);
      if ((await asks())[1]) asked++;
    }
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThanOrEqual(40);
  });
});
