import { afterEach, describe, expect, test, vi } from "vitest";
import { CLAIM_TRIES } from "../../../../src/database/constants.ts";
import { claim, readMark, settle } from "../../../../src/database/settle.ts";
import { answerOf, bed, errorOf, failure, primaryOf, REPLICA, type Reply, result, sqlError, THREE } from "./bed.ts";

const MARK = "0198c0de-0000-7000-8000-000000000001";
const TAGS = ["pitches"];
const says = (outcome: unknown) => result(["outcome"], [outcome]);

/** All that waits or is tried in a settlement fits into the half minute that the platform gives after a response. */
const AFTER_RESPONSE_MS = 30_000;

afterEach(() => {
  vi.useRealTimers();
});

describe("a claim", () => {
  test.for(["committed", "void", "expired"] as const)("answered %s on the primary says so", async (outcome) => {
    const { scope, sent } = bed({ roles: { ...THREE }, reply: () => says(outcome) });
    expect(await answerOf(claim(scope, MARK, TAGS))).toBe(outcome);
    expect(sent.map(({ node, statements }) => [node, statements[0]?.values])).toEqual([["p", [MARK, TAGS, "1"]]]);
  });

  test.for<[string, Reply]>([
    ["the original still runs", "hang"],
    ["the primary broke", failure("connection")],
    ["the primary became a replica", sqlError("BW001")],
    ["the answer makes no sense", says(42)],
    ["there is no answer", result()],
  ])("leaves it pending when %s", async ([, reply]) => {
    const { scope } = bed({ roles: { ...THREE }, reply: () => reply });
    expect(await answerOf(claim(scope, MARK, TAGS))).toBe("pending");
  });

  test("without time is not sent", async () => {
    const { scope, sent, state } = bed({ roles: { ...THREE }, deadlineMs: 5 });
    state.topology = { ...state.topology, primary: "p", epoch: "1", askedAt: Date.now() };
    expect(await answerOf(claim(scope, MARK, TAGS))).toBe("pending");
    expect([sent, state.evidence("p").failuresInARow]).toEqual([[], 0]);
  });

  test("without a primary is refused", async () => {
    const { scope } = bed({ roles: { a: REPLICA } });
    expect((await errorOf(claim(scope, MARK, TAGS))).code).toBe("unavailable");
  });
});

describe("settling", () => {
  test.for(["committed", "void", "expired"] as const)("ends with the first answer: %s", async (outcome) => {
    const { scope, sent, elapsedMs } = bed({ roles: { ...THREE }, reply: () => says(outcome) });
    expect(await answerOf(settle(scope, MARK, TAGS))).toBe(outcome);
    expect([sent.length, elapsedMs()]).toEqual([1, 0]);
  });

  test("has time of its own: the request's is used up", async () => {
    const { scope } = bed({ roles: { ...THREE }, deadlineMs: 0, reply: () => says("void") });
    expect(await answerOf(settle(scope, MARK, TAGS))).toBe("void");
  });

  test("tries again after a pause that doubles", async () => {
    const { scope, sent } = bed({
      roles: { ...THREE },
      reply: (_, nth) => (nth < 3 ? failure("connect") : says("void")),
    });
    expect(await answerOf(settle(scope, MARK, TAGS))).toBe("void");
    expect(sent.map(({ at }) => at)).toEqual([0, 500, 1_500, 3_500]);
  });

  test("asks the new primary, in its epoch, once the old one refused", async () => {
    const roles: Record<string, Reply> = { ...THREE };
    const { scope, sent } = bed({
      roles,
      reply: ({ node }) => {
        if (node === "a") return says("void");
        Object.assign(roles, { p: REPLICA, a: primaryOf("2") });
        return sqlError("BW001");
      },
    });
    expect(await answerOf(settle(scope, MARK, TAGS))).toBe("void");
    expect(sent.map(({ node, statements }) => [node, statements[0]?.values[2]])).toEqual([
      ["p", "1"],
      ["a", "2"],
    ]);
  });

  test.for<[string, Record<string, Reply>, Reply]>([
    ["everything is frozen", { p: "hang", a: "hang" }, "hang"],
    ["everything is frozen and deaf", { p: "deaf", a: "deaf" }, "deaf"],
    ["claims are never answered", { ...THREE }, "deaf"],
    ["nobody is there", { p: failure("connect") }, failure("connect")],
  ])("gives up in time, and without an error, when %s", async ([, roles, reply]) => {
    const { scope, sent, elapsedMs } = bed({ roles, reply: () => reply });
    expect(await answerOf(settle(scope, MARK, TAGS))).toBe("pending");
    expect(sent.length).toBeLessThanOrEqual(CLAIM_TRIES);
    expect(elapsedMs()).toBeLessThan(AFTER_RESPONSE_MS);
  });
});

describe("a mark", () => {
  test.for([
    ["w", "committed"],
    ["v", "void"],
    ["b", "void"],
  ] as const)("of kind %s is %s", async ([kind, outcome]) => {
    const { scope, sent } = bed({ roles: { ...THREE }, reply: () => result(["tags", "kind"], [["pitches"], kind]) });
    expect(await answerOf(readMark(scope, MARK))).toEqual({ tags: TAGS, outcome });
    expect(sent.map(({ node }) => node)).toEqual(["p"]);
  });

  test("that the primary does not have is nothing", async () => {
    const { scope } = bed({ roles: { ...THREE } });
    expect(await answerOf(readMark(scope, MARK))).toBeNull();
  });
});
