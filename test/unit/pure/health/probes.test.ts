import { afterEach, describe, expect, test, vi } from "vitest";
import type { DatabaseState } from "../../../../src/database/databaseState.ts";
import { probe, spendLease } from "../../../../src/health/probes.ts";
import { answerOf, bed, failure, THREE } from "../database/bed.ts";

afterEach(() => {
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

test("a lease for a node of another version's configuration proves nothing", async () => {
  const { state, asked } = bed({ roles: { ...THREE } });
  const lease = { id: "1", kind: "probe", node: "new", epoch: 1, expiresInMs: 3_000 } as const;
  expect(await spendLease(proberOf(state), lease)).toBe("excluded");
  expect(asked).toEqual([]);
});
