import { afterEach, describe, expect, test, vi } from "vitest";
import type { DatabaseState } from "../../../../src/database/databaseState.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import { probe, spendLease } from "../../../../src/health/probes.ts";
import { answerOf, bed, failure, PRIMARY, result, THREE } from "../database/bed.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const proberOf = (database: DatabaseState) => ({ database, checksInFlight: new Map<string, number>() });

describe("a probe", () => {
  test("brings what the node said, though an exchange of the same isolate took the samples meanwhile", async () => {
    const made = bed({ roles: { ...THREE } });
    const nodes = made.state.nodes.map((node) => ({
      ...node,
      open: () => ({ ...node.open(), close: async () => void made.state.ledger.take(Date.now()) }),
    }));
    Object.assign(made.state, { nodes });
    const answer = await answerOf(probe(proberOf(made.state), "p"));
    expect(answer).toMatchObject({ node: "p", outcome: "ok", sample: { node: "p", inRecovery: false, epoch: "1" } });
  });

  test.for([
    ["hang", "slow"],
    [failure("connect"), "failed"],
  ] as const)("of a node that answers with %s is told as %s, without a sample", async ([reply, outcome]) => {
    const made = bed({ roles: { ...THREE, p: reply } });
    expect(await answerOf(probe(proberOf(made.state), "p"))).toEqual({ node: "p", outcome });
  });
});

describe("a probe that looks for marks", () => {
  const MARKS = ["0199a3c1-7b1e-7cc0-8f5e-3d2a9b4c5d6e", "0199a3c1-7b1e-7cc0-8f5e-3d2a9b4c5d6f"];
  const held = (ids: string) =>
    result(["r", "e", "p", "g", "x", "t", "l", "h"], [false, "1", "9", "g", "5", "1", false, ids]);

  test("brings those that the node holds", async () => {
    const { state } = bed({ roles: { ...THREE, p: held(MARKS.join(",")) } });
    expect((await answerOf(probe(proberOf(state), "p", { marks: MARKS }))).sample?.held).toEqual(MARKS);
  });

  test.for([
    ["holds none", held("")],
    ["has no schema to hold any", PRIMARY],
  ] as const)("of a node that %s brings none, which is another thing than not to tell", async ([_, reply]) => {
    const { state } = bed({ roles: { ...THREE, p: reply } });
    expect((await answerOf(probe(proberOf(state), "p", { marks: MARKS }))).sample?.held).toEqual([]);
    expect((await answerOf(probe(proberOf(state), "p"))).sample).not.toHaveProperty("held");
  });

  test("leaves out what is no mark's id, rather than fail, and tells nothing of marks up with the samples", async () => {
    const { state, scope } = bed({ roles: { ...THREE, p: held("") } });
    const question = vi.spyOn(RequestScope.prototype, "question");
    await answerOf(probe(proberOf(state), "p", { marks: ["a", ...MARKS, "00000000-0000-0000-0000-00000000000"] }));
    expect(question.mock.calls.map(([, { values }]) => values)).toEqual([[MARKS]]);
    expect(scope.state.ledger.take(Date.now()).samples[0]).not.toHaveProperty("held");
  });
});

test("a lease for a node of another version's configuration proves nothing", async () => {
  const { state, asked } = bed({ roles: { ...THREE } });
  const lease = { id: "1", kind: "probe", node: "new", epoch: 1, expiresInMs: 3_000 } as const;
  expect(await spendLease(proberOf(state), lease)).toBe("excluded");
  expect(asked).toEqual([]);
});
