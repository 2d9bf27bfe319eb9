import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { RETRY_FLOOR } from "../../../../src/breaker/admission/constants.ts";
import { NO_EVIDENCE } from "../../../../src/database/nodeEvidence.ts";
import { query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import {
  answerOf,
  bed,
  DEADLINE_MS,
  errorOf,
  failure,
  PRIMARY,
  primaryOf,
  REPLICA,
  type Reply,
  result,
  run,
  sqlError,
  THREE,
  TURNS_MS,
} from "./bed.ts";

const films = query<{ id: number }>("films.list", "SELECT id FROM films");
const FILMS = result(["id"], [1], [2]);

/** Every way a statement may fail that another node or moment may mend. */
const MENDABLE: readonly (readonly [string, Reply, string])[] = [
  ["cannot be connected", failure("connect"), "unavailable"],
  ["breaks", failure("connection"), "unavailable"],
  ["answers 500", failure("http", 500), "unavailable"],
  ["shuts down", sqlError("57P01"), "unavailable"],
  ["answers 400 without a code", sqlError(""), "unavailable"],
  ["throws what it should not", new TypeError("x is undefined"), "unavailable"],
  ["cancels for a conflict with recovery", sqlError("40001"), "unavailable"],
  ["says it is of another role", sqlError("25006"), "unavailable"],
  ["refuses our password", sqlError("28P01"), "configuration"],
  ["cancels for its time limit", sqlError("57014"), "deadline"],
  ["freezes", "hang", "deadline"],
  ["freezes, deaf to its signal", "deaf", "deadline"],
];

afterEach(() => {
  vi.useRealTimers();
});

describe("a read that any node may answer", () => {
  test("gives its rows as objects, and tells where they came from", async () => {
    const { scope } = bed({ roles: { ...THREE }, reply: () => FILMS });
    const answer = await answerOf(read(scope, films));
    expect(answer).toEqual({ rows: [{ id: 1 }, { id: 2 }], route: { node: "a", reason: "any", ageMs: 0 } });
    expect(scope.routes).toEqual([answer.route]);
    expect(scope.timings).toEqual([{ name: "films.list", node: "a", ms: 0 }]);
  });

  test("goes to the replica that is expected to answer first, with what waits there already", async () => {
    const { scope, sent, state } = bed({ roles: { ...THREE } });
    for (const node of ["a", "a", "b", "b"]) {
      state.latencies.record(node, "answered", { ms: 20, sentAt: Date.now() - 20 }, Date.now());
    }
    await answerOf(read(scope, films));
    for (let index = 0; index < 5; index++) state.gates.enter(scope.options, "a", "first");
    vi.spyOn(scope.options, "random").mockReturnValue(0.3); // of even odds: "a" again
    await answerOf(read(scope, films));
    expect(sent.map(({ node }) => node)).toEqual(["a", "b"]);
  });

  test.for(MENDABLE)("goes to another node when one %s", async ([, reply]) => {
    const { scope, sent } = bed({ roles: { ...THREE }, reply: (_, nth) => (nth === 0 ? reply : FILMS) });
    const { route } = await answerOf(read(scope, films));
    expect(sent.map(({ node }) => node)).toEqual(["a", "b"]);
    expect(route).toMatchObject({ node: "b", reason: "retry" });
  });

  test.for(MENDABLE)("gives up after three nodes when each %s", async ([, reply, code]) => {
    const { scope, sent, elapsedMs } = bed({ roles: { ...THREE }, reply: () => reply });
    expect((await errorOf(read(scope, films))).code).toBe(code);
    expect(sent.map(({ node }) => node)).toEqual(["a", "b", "p"]);
    expect(elapsedMs()).toBeLessThanOrEqual(DEADLINE_MS + TURNS_MS);
    expect(scope.routes).toEqual([]);
  });

  test.for<[string, Reply, string]>([
    ["is wrong", sqlError("42601"), "query"],
    ["has a value out of range", sqlError("22003"), "query"],
    ["violates the protocol", sqlError("08P01"), "query"],
    ["asks too much", failure("http", 413), "query"],
    ["lost its client", failure("aborted"), "deadline"],
  ])("is asked once when it %s", async ([, reply, code]) => {
    const { scope, sent } = bed({ roles: { ...THREE }, reply: () => reply });
    expect((await errorOf(read(scope, films))).code).toBe(code);
    expect(sent).toHaveLength(1);
  });

  test("leaves each further try its share of the deadline", async () => {
    const { scope, sent, elapsedMs } = bed({ roles: { ...THREE }, reply: () => "hang" });
    await errorOf(read(scope, films));
    expect(sent.map(({ at }) => at)).toEqual([0, 900, 1_950]);
    expect(elapsedMs()).toBe(DEADLINE_MS);
  });

  test("is not sent when its time is over", async () => {
    const { scope, sent } = bed({ roles: { ...THREE }, deadlineMs: 10 });
    expect((await errorOf(read(scope, films))).code).toBe("deadline");
    expect(sent).toEqual([]);
  });

  test("is not tried again when too little time is left", async () => {
    const { scope, sent } = bed({ roles: { ...THREE }, deadlineMs: 25, reply: () => "hang" });
    expect((await errorOf(read(scope, films))).code).toBe("deadline");
    expect(sent).toHaveLength(1);
  });

  test("is tried again only within the budget of the isolate", async () => {
    const { scope, sent } = bed({ roles: { ...THREE }, reply: () => failure("connection"), breakerMode: "observe" });
    for (let index = 0; index < 20; index++) await errorOf(read(scope, films));
    expect(sent).toHaveLength(20 + RETRY_FLOOR);
  });

  test.for<[string, Reply, number]>([
    ["not within it where recovery cancelled it: every one finds a node that answers", sqlError("40001"), 40],
    ["within it where the replicas broke", failure("connection"), RETRY_FLOOR / 2],
  ])("is tried again %s", async ([, reply, answered]) => {
    const made = bed({
      roles: { ...THREE },
      reply: ({ node }) => (node === "p" ? FILMS : reply),
      breakerMode: "observe",
    });
    const { scope, state } = made;
    state.topology = {
      ...state.topology,
      askedAt: Date.now(),
      roles: new Map([
        ["p", "primary"],
        ["a", "replica"],
        ["b", "replica"],
      ]),
    };
    state.evidence = () => NO_EVIDENCE; // whoever failed a moment ago is asked first all the same
    let count = 0;
    for (let index = 0; index < 40; index++) {
      const ended = await run(read(scope, films));
      if ("value" in ended) count++;
    }
    expect(count).toBe(answered);
  });

  test("is tried again on the only node there is", async () => {
    const { scope, sent } = bed({ roles: { a: PRIMARY }, reply: (_, nth) => (nth < 2 ? failure("connect") : FILMS) });
    expect((await answerOf(read(scope, films))).rows).toHaveLength(2);
    expect(sent).toHaveLength(3);
  });

  test("ends inside its deadline, in at most three tries and in no error but ours, whatever the nodes do", async () => {
    const kinds: readonly Reply[] = [
      FILMS,
      sqlError("42601"),
      failure("aborted"),
      ...MENDABLE.map(([, reply]) => reply),
    ];
    const script = fc.array(fc.constantFrom(...kinds), { minLength: 3, maxLength: 3 });
    const deadline = fc.integer({ min: 0, max: DEADLINE_MS });
    await fc.assert(
      fc.asyncProperty(script, deadline, async (replies, deadlineMs) => {
        const { scope, sent, elapsedMs } = bed({
          roles: { ...THREE },
          deadlineMs,
          reply: (_, nth) => replies[nth] ?? FILMS,
        });
        const ended = await run(read(scope, films));
        expect(elapsedMs()).toBeLessThanOrEqual(deadlineMs + TURNS_MS);
        expect(sent.length).toBeLessThanOrEqual(3);
        expect(new Set(sent.map(({ node }) => node)).size).toBe(sent.length);
        if ("error" in ended) expect(ended.error).toHaveProperty("name", "DatabaseError");
      }),
      { numRuns: 100 },
    );
  });
});

describe("a strict read", () => {
  test.for(["strict", "session"] as const)("(%o) goes to the primary", async (freshness) => {
    const { scope, sent } = bed({ roles: { a: REPLICA, b: REPLICA, p: PRIMARY } });
    const { route } = await answerOf(read(scope, films, { freshness }));
    expect(sent.map(({ node }) => node)).toEqual(["p"]);
    expect(route.reason).toBe("strict");
  });

  test("follows the primary when it moves", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const { scope, sent } = bed({
      roles,
      reply: ({ node }) => {
        if (node !== "p") return FILMS;
        Object.assign(roles, { p: failure("connect"), b: primaryOf("2") });
        return failure("connection");
      },
    });
    await answerOf(read(scope, films, { freshness: "strict" }));
    expect(sent.map(({ node }) => node)).toEqual(["p", "b"]);
  });

  test("asks no replica when there is no primary", async () => {
    const { scope, sent } = bed({ roles: { a: REPLICA, b: REPLICA } });
    expect((await errorOf(read(scope, films, { freshness: "strict" }))).code).toBe("unavailable");
    expect(sent).toEqual([]);
  });
});

describe("the newest read", () => {
  const newest = { freshness: "newest" } as const;

  test("is the primary's", async () => {
    const { scope, sent } = bed({ roles: { a: REPLICA, b: REPLICA, p: PRIMARY } });
    expect((await answerOf(read(scope, films, newest))).route.reason).toBe("strict");
    expect(sent.map(({ node }) => node)).toEqual(["p"]);
  });

  test.for(MENDABLE)("is a replica's when the primary %s", async ([, reply]) => {
    const { scope, sent } = bed({ roles: { ...THREE }, reply: ({ node }) => (node === "p" ? reply : FILMS) });
    const { rows, route } = await answerOf(read(scope, films, newest));
    expect([rows.length, sent.length, sent[0]?.node]).toEqual([2, 2, "p"]);
    expect(route).toMatchObject({ node: sent[1]?.node, reason: "retry" });
  });

  test("is a replica's at once where there is no primary, or its breaker is open", async () => {
    const none = bed({ roles: { a: REPLICA, b: REPLICA }, reply: () => FILMS });
    expect((await answerOf(read(none.scope, films, newest))).route.reason).toBe("any");
    const open = bed({ roles: { ...THREE }, reply: ({ node }) => (node === "p" ? failure("connect") : FILMS) });
    for (let index = 0; index < 5; index++) await answerOf(read(open.scope, films, newest));
    expect(open.sent.filter(({ node }) => node === "p")).toHaveLength(5);
    await answerOf(read(open.scope, films, newest));
    expect(open.sent.filter(({ node }) => node === "p")).toHaveLength(5);
    expect(none.sent).toHaveLength(1);
  });

  test("is a replica's where the primary has as many requests under way as it can bear", async () => {
    const { scope, state, sent } = bed({ roles: { ...THREE }, reply: () => FILMS });
    const before = state.gates.admission(scope.options, "p", "first");
    if (before.kind !== "admitted") throw new Error("it is well");
    const refused = { ...before, kind: "refused", reason: "in-flight", retryAfterMs: 0 } as const;
    vi.spyOn(state.gates, "enter").mockReturnValueOnce(refused);
    await answerOf(read(scope, films, newest));
    expect(sent.map(({ node }) => node)).not.toContain("p");
  });
});

describe.for(["off", "observe"] as const)("in mode %s a read", (mode) => {
  test("goes to the primary", async () => {
    const { scope, sent } = bed({ roles: { ...THREE }, mode, reply: () => FILMS });
    const { route } = await answerOf(read(scope, films));
    expect(route).toMatchObject({ node: "p", reason: "off" });
    expect(sent.map(({ node }) => node)).toEqual(["p"]);
  });

  test.for(MENDABLE)("goes there once, also when it %s", async ([, reply, code]) => {
    const { scope, sent, elapsedMs } = bed({ roles: { ...THREE }, mode, reply: () => reply });
    expect((await errorOf(read(scope, films))).code).toBe(code);
    expect(sent.map(({ node }) => node)).toEqual(["p"]);
    expect(elapsedMs()).toBeLessThanOrEqual(DEADLINE_MS + TURNS_MS);
  });
});
