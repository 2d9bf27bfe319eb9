import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Idempotency } from "../../../../src/database/database.ts";
import { type Query, query } from "../../../../src/database/query.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import { Session } from "../../../../src/database/session.ts";
import { write } from "../../../../src/database/write.ts";
import { MAX_TAGS } from "../../../../src/rpc/constants.ts";
import {
  answerOf,
  type Bed,
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
  type Sent,
  sqlError,
  THREE,
  TURNS_MS,
} from "./bed.ts";

const insert = query("pitches.insert", "INSERT INTO pitches VALUES ($1)", [1]);
const TAGS = { tags: ["pitches"] };
const PRINT = "ab".repeat(32);
const idempotency: Idempotency = { key: "k", scope: "account-1", fingerprint: PRINT };
const MARK = "0198c0de-0000-7000-8000-000000000001";

const batches = ({ sent }: Bed) => sent.filter(({ isBatch }) => isBatch);
const opening = ({ statements }: Sent): Query => statements[0] ?? query("none", "");
const markOf = (sent: Sent) => opening(sent).values[0];
const epochOf = (sent: Sent) => opening(sent).values[2];

/** Replies like this to batches, and as the database would to everything else. */
const batchReplies =
  (...replies: Reply[]) =>
  (sent: Sent): Reply => {
    if (!sent.isBatch)
      return sent.statements[0]?.name === "breakwater.claim" ? result(["outcome"], ["void"]) : result();
    return replies.shift() ?? sent.statements.map(() => result());
  };

/** Failures after which nobody knows whether the batch took effect. */
const LOST: readonly (readonly [string, Reply])[] = [
  ["the connection broke", failure("connection")],
  ["nobody answered", "hang"],
  ["nobody answered or heeded the signal", "deaf"],
  ["the endpoint answered 500", failure("http", 500)],
  ["the endpoint answered 507", failure("http", 507)],
  ["the endpoint answered 400 without a code", sqlError("")],
  ["the server shut down", sqlError("57P01")],
  ["the server broke inside", sqlError("XX000")],
  ["the client left", failure("aborted")],
];

/** Failures that leave nothing written, and the code they are told by. */
const REFUSED: readonly (readonly [string, Reply, string])[] = [
  ["nobody could be connected to", failure("connect"), "unavailable"],
  ["the endpoint answered 429", failure("http", 429), "unavailable"],
  ["there were too many connections", sqlError("53300"), "unavailable"],
  ["the server was starting", sqlError("57P03"), "unavailable"],
  ["it could not be serialized", sqlError("40001"), "unavailable"],
  ["it met a deadlock", sqlError("40P01"), "unavailable"],
  ["it waited for a lock", sqlError("55P03"), "unavailable"],
  ["it was cancelled for its time", sqlError("57014"), "deadline"],
  ["its transaction took too long", sqlError("25P04"), "deadline"],
  ["the password was wrong", sqlError("28P01"), "configuration"],
  ["the clocks are apart", sqlError("BW002"), "configuration"],
  ["the schema is missing", sqlError("42883", {}, "function breakwater.begin_write does not exist"), "configuration"],
  ["a table is missing", sqlError("42P01", {}, 'relation "pitches" does not exist'), "query"],
  ["its syntax was wrong", sqlError("42601"), "query"],
  ["a value was out of range", sqlError("22003"), "query"],
  ["a violation had no name", sqlError("23514"), "query"],
];

afterEach(() => {
  vi.useRealTimers();
});

describe("a write", () => {
  test("is one batch on the primary: its opening with mark, tags, epoch and time, then the statements, then the result", async () => {
    const made = bed({
      roles: { ...THREE, p: primaryOf("12") },
      reply: () => [result(), { ...result(), rowCount: 3 }, result(["result"], [{ id: 7 }])],
    });
    const done = await answerOf(
      write(made.scope, [insert], { ...TAGS, result: query("pitches.one", "SELECT 7 AS id") }),
    );
    const [only] = made.sent;
    expect(made.sent).toHaveLength(1);
    expect(only?.node).toBe("p");
    expect(only?.statements.map(({ name }) => name)).toEqual([
      "breakwater.begin-write",
      "pitches.insert",
      "pitches.one",
    ]);
    expect(only && opening(only).values).toEqual([
      done.kind === "committed" && done.mark,
      ["pitches"],
      "12",
      (DEADLINE_MS - 100) * 0.9, // the server gives up first, so that its word still arrives
      null,
      null,
    ]);
    expect(done).toMatchObject({
      kind: "committed",
      changed: [3],
      result: { id: 7 },
      repeated: false,
      route: { node: "p", reason: "write", ageMs: 0 },
    });
    expect(made.scope.routes).toHaveLength(1);
    expect(made.waiting).toEqual([]);
  });

  test("without a result has none", async () => {
    const { scope } = bed({ roles: { ...THREE } });
    expect(await answerOf(write(scope, [insert], TAGS))).toMatchObject({ result: null, changed: [0] });
  });

  test.for(["off", "observe"] as const)("in mode %s goes to the primary with its mark all the same", async (mode) => {
    const made = bed({ roles: { ...THREE }, mode });
    const done = await answerOf(write(made.scope, [insert], TAGS));
    expect(done).toMatchObject({ kind: "committed", route: { node: "p", reason: "off" } });
    expect(made.sent[0]?.statements[0]?.name).toBe("breakwater.begin-write");
  });

  test("is not sent with more tags than one may carry", async () => {
    const made = bed({ roles: { ...THREE } });
    const tags = Array.from({ length: MAX_TAGS + 1 }, (_, index) => `tag:${index}`);
    expect((await errorOf(write(made.scope, [insert], { tags }))).code).toBe("query");
    expect(made.sent).toEqual([]);
  });

  test.for([0, 50, 100, 110])("is not sent with %d ms left: its answer could not come back", async (deadlineMs) => {
    const made = bed({ roles: { ...THREE }, deadlineMs });
    made.state.topology = { ...made.state.topology, primary: "p", epoch: "1", askedAt: Date.now() };
    expect((await errorOf(write(made.scope, [insert], TAGS))).code).toBe("deadline");
    expect(made.sent).toEqual([]);
  });

  test.for<[string, Record<string, Reply>, string]>([
    ["no primary answers", { p: failure("connect"), a: REPLICA }, "unavailable"],
    ["all are frozen", { p: "hang", a: "deaf" }, "unavailable"],
    ["two are primary in one epoch", { p: PRIMARY, a: PRIMARY }, "unavailable"],
    ["the primary lacks the schema", { p: primaryOf(null), a: result(["r", "e"], [true, null]) }, "configuration"],
  ])("is not sent when %s", async ([, roles, code]) => {
    const made = bed({ roles });
    expect((await errorOf(write(made.scope, [insert], TAGS))).code).toBe(code);
    expect(made.sent).toEqual([]);
  });
});

describe("a write whose answer was lost", () => {
  test.for(LOST)("because %s is not sent again, and its mark is told and claimed", async ([, reply]) => {
    const made = bed({ roles: { ...THREE }, reply: batchReplies(reply) });
    const error = await errorOf(write(made.scope, [insert], TAGS));
    expect(error.code).toBe("unknown-outcome");
    expect(made.elapsedMs()).toBeLessThan(DEADLINE_MS);
    expect(batches(made).map(markOf)).toEqual([error.mark]);
    expect(made.waiting).toHaveLength(1);
    expect(await answerOf(Promise.all(made.waiting))).toEqual(["void"]);
    const claims = made.sent.filter(({ isBatch }) => !isBatch);
    expect(claims.map(({ node, statements }) => [node, statements[0]?.name, statements[0]?.values])).toEqual([
      ["p", "breakwater.claim", [error.mark, ["pitches"], "1"]],
    ]);
  });
});

describe("a write that was refused", () => {
  test.for(REFUSED)("because %s is not sent again, and leaves nothing to claim", async ([, reply, code]) => {
    const made = bed({ roles: { ...THREE }, reply: batchReplies(reply) });
    expect((await errorOf(write(made.scope, [insert], TAGS))).code).toBe(code);
    expect(batches(made)).toHaveLength(1);
    expect(made.waiting).toEqual([]);
  });

  test.for(["23505", "23503", "23514", "23P01", "23502"])("by a constraint (%s) tells its name", async (sqlstate) => {
    const reply = sqlError(sqlstate, { constraint: "pitches_slug_key", table: "pitches" });
    const made = bed({ roles: { ...THREE }, reply: batchReplies(reply) });
    expect(await answerOf(write(made.scope, [insert], TAGS))).toEqual({
      kind: "violated",
      constraint: "pitches_slug_key",
    });
    expect(made.scope.routes).toEqual([]);
  });

  test("because its mark was claimed away is no violation of the application's", async () => {
    const reply = sqlError("23505", { constraint: "marks_20261124_pkey", table: "marks_20261124" });
    const made = bed({ roles: { ...THREE }, reply: batchReplies(reply) });
    expect(await errorOf(write(made.scope, [insert], TAGS))).toMatchObject({
      code: "unavailable",
      mark: batches(made).map(markOf)[0],
    });
    expect(made.waiting).toEqual([]);
  });

  test.for([
    ["marks_pkey", "marks"],
    ["marks_20261124_pkey", "school_marks"],
    ["school_marks_20261124_pkey", "marks_20261124"],
  ] as const)("by the application's own %s of %s is a violation", async ([constraint, table]) => {
    const made = bed({ roles: { ...THREE }, reply: batchReplies(sqlError("23505", { constraint, table })) });
    expect(await answerOf(write(made.scope, [insert], TAGS))).toEqual({ kind: "violated", constraint });
  });
});

describe("a write that a node refuses for its role", () => {
  test.for(["BW001", "25006"])(
    "(%s) goes once to the primary of the new epoch, with the same mark",
    async (sqlstate) => {
      const roles: Record<string, Reply> = { ...THREE };
      const made = bed({
        roles,
        reply: ({ node, statements }) => {
          if (node === "a") return statements.map(() => result());
          Object.assign(roles, { p: REPLICA, a: primaryOf("2") });
          return sqlError(sqlstate);
        },
      });
      const done = await answerOf(write(made.scope, [insert], TAGS));
      expect(done).toMatchObject({ kind: "committed", route: { node: "a" } });
      expect(made.sent.map((sent) => [sent.node, epochOf(sent)])).toEqual([
        ["p", "1"],
        ["a", "2"],
      ]);
      expect(new Set(made.sent.map(markOf)).size).toBe(1);
    },
  );

  test("goes to the same node again when only its epoch is another", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const made = bed({
      roles,
      reply: ({ statements }, nth) => {
        if (nth > 0) return statements.map(() => result());
        roles.p = primaryOf("2");
        return sqlError("BW001");
      },
    });
    expect(await answerOf(write(made.scope, [insert], TAGS))).toMatchObject({ kind: "committed" });
    expect(made.sent.map(epochOf)).toEqual(["1", "2"]);
  });

  test("is not sent again where the same node still says that it is the primary of that epoch", async () => {
    const made = bed({ roles: { ...THREE }, reply: batchReplies(sqlError("25006")) });
    expect((await errorOf(write(made.scope, [insert], TAGS))).code).toBe("unavailable");
    expect(batches(made)).toHaveLength(1);
  });

  test("is not sent a third time, and the second may be lost like any other", async () => {
    for (const [second, code] of [
      [sqlError("BW001"), "unavailable"],
      [failure("connection"), "unknown-outcome"],
    ] as const) {
      const roles: Record<string, Reply> = { ...THREE };
      const made = bed({
        roles,
        reply: (_, nth) => {
          roles.p = primaryOf(String(nth + 2));
          return nth === 0 ? sqlError("BW001") : second;
        },
      });
      expect((await errorOf(write(made.scope, [insert], TAGS))).code).toBe(code);
      expect(batches(made)).toHaveLength(2);
      vi.useRealTimers();
    }
  });

  test("is refused when nobody is the primary any more", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const made = bed({
      roles,
      reply: () => {
        roles.p = REPLICA;
        return sqlError("BW001");
      },
    });
    expect((await errorOf(write(made.scope, [insert], TAGS))).code).toBe("unavailable");
    expect(batches(made)).toHaveLength(1);
  });
});

describe("the session of a write", () => {
  const writeIn = async (session: Session, tags: readonly string[]) => {
    const made = bed({ roles: { ...THREE } });
    await answerOf(write(new RequestScope(made.state, { ...made.scope.options, session }), [insert], { tags }));
    return session.token?.marks.length;
  };

  test("owes its newest write in place of those before, and none that shows nobody anything", async () => {
    const before = { id: "01999999-0000-7000-8000-0000000000ff", epoch: "1" };
    expect(await writeIn(new Session({ marks: [before], seen: null }), ["pitches"])).toBe(1);
    expect(await writeIn(new Session(), ["pitches"])).toBe(1);
    expect(await writeIn(new Session(), [])).toBeUndefined();
  });
});

describe("a write with an idempotency key", () => {
  const keyed = { ...TAGS, idempotency, result: query("pitches.one", "SELECT id FROM pitches WHERE id = $1", [7]) };
  const columns = ["mark", "fingerprint", "result"];
  const repeated = (record: Reply) =>
    bed({ roles: { ...THREE }, reply: ({ isBatch }) => (isBatch ? sqlError("BW003") : record) });

  test("takes the key first and records the result last, under a digest of account and key", async () => {
    const made = bed({ roles: { ...THREE } });
    await answerOf(write(made.scope, [insert], keyed));
    await answerOf(write(made.scope, [insert], { ...keyed, idempotency: { ...idempotency, scope: "account-2" } }));
    const [first, second] = batches(made).map((sent) => opening(sent).values[4]);
    expect(first).toMatch(/^\\x[0-9a-f]{64}$/);
    expect(second).not.toBe(first);
    const last = batches(made)[0]?.statements.at(-1);
    expect(last?.text).toContain("UPDATE breakwater.requests");
    expect(last?.values).toEqual([7, first]);
  });

  test("that committed before gives the recorded result, and writes nothing", async () => {
    const made = repeated(result(columns, [MARK, PRINT, { id: 7 }]));
    expect(await answerOf(write(made.scope, [insert], keyed))).toEqual({
      kind: "committed",
      mark: MARK,
      changed: [],
      result: { id: 7 },
      repeated: true,
      route: { node: "p", reason: "strict", ageMs: 0 },
    });
    expect(made.sent.map(({ node }) => node)).toEqual(["p", "p"]);
  });

  test("that committed before makes the session forget nothing it wrote since", async () => {
    const proven = ["2 100 100 g  f 1:", true];
    const made = repeated(result(["bw_proof", "bw_row", ...columns], [...proven, MARK, PRINT, { id: 7 }]));
    const since = { id: "01999999-0000-7000-8000-0000000000ff", epoch: "1" };
    const session = new Session({ marks: [since], seen: null });
    await answerOf(write(new RequestScope(made.state, { ...made.scope.options, session }), [insert], keyed));
    expect(session.token?.marks.map(({ id }) => id).toSorted()).toEqual([MARK, since.id].toSorted());
  });

  test.for<[string, Reply, string]>([
    ["with another request", result(columns, [MARK, "cd".repeat(32), null]), "idempotency-reused"],
    ["but whose record went away", result(columns), "idempotency-busy"],
    ["but whose record nobody can read now", failure("connection"), "unavailable"],
  ])("that came before %s is refused", async ([, record, code]) => {
    const made = repeated(record);
    expect((await errorOf(write(made.scope, [insert], keyed))).code).toBe(code);
    expect(batches(made)).toHaveLength(1);
    expect(made.waiting).toEqual([]);
  });

  test("that still runs is told to come back", async () => {
    const made = bed({ roles: { ...THREE }, reply: batchReplies(sqlError("55P03")) });
    expect(await errorOf(write(made.scope, [insert], keyed))).toMatchObject({
      code: "idempotency-busy",
      retryAfterMs: 1_000,
    });
  });
});

test("whatever the nodes do, a write is sent twice only after a refusal for role, always with one mark, inside its deadline", async () => {
  const replies: readonly Reply[] = [
    ...LOST.map(([, reply]) => reply),
    ...REFUSED.map(([, reply]) => reply),
    sqlError("BW001"),
    sqlError("25006"),
    result(),
  ];
  const answers = fc.array(fc.constantFrom(...replies), { minLength: 2, maxLength: 2 });
  const epochs = fc.array(
    fc.constantFrom<Reply>(PRIMARY, primaryOf("2"), REPLICA, "hang", "deaf", failure("connect")),
    {
      minLength: 3,
      maxLength: 3,
    },
  );
  await fc.assert(
    fc.asyncProperty(answers, epochs, fc.nat(DEADLINE_MS), async ([first, second], [p, a, b], deadlineMs) => {
      const roles: Record<string, Reply> = { ...THREE };
      const made = bed({
        roles,
        deadlineMs,
        reply: (sent) => {
          if (!sent.isBatch) return result(["outcome"], ["void"]);
          Object.assign(roles, { p, a, b });
          return (batches(made).length === 1 ? first : second) ?? result();
        },
      });
      const ended = await run(write(made.scope, [insert], TAGS));
      expect(made.elapsedMs()).toBeLessThanOrEqual(deadlineMs + TURNS_MS);
      const sent = batches(made);
      const isRole =
        first instanceof Error && "sqlstate" in first && ["BW001", "25006"].includes(String(first.sqlstate));
      expect(sent.length).toBeLessThanOrEqual(isRole ? 2 : 1);
      expect(new Set(sent.map(markOf)).size).toBe(Math.min(1, sent.length));
      const isUnknown = "error" in ended && (ended.error as { code?: string }).code === "unknown-outcome";
      expect(made.waiting).toHaveLength(isUnknown ? 1 : 0);
      if ("error" in ended) expect(ended.error).toHaveProperty("name", "DatabaseError");
    }),
    { numRuns: 150 },
  );
});
