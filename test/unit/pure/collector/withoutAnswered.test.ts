import { expect, test } from "vitest";
import { hasEvidence } from "../../../../src/collector/gathered.ts";
import { withoutAnswered } from "../../../../src/collector/withoutAnswered.ts";
import type { BreakerPart, BreakerStateName } from "../../../../src/rpc/parts.ts";
import { report } from "./collectorBed.ts";

const part = (state: BreakerStateName, sinceMs = 60_000, current = 1): BreakerPart => ({
  ...{ incarnation: 1, epoch: 1, version: 0, ageMs: 0, reporters: 1, health: [] },
  nodes: [{ node: "a", state, epoch: current, sinceMs, forMs: 0 }],
});

const counts = { kind: "read", epoch: 1, ok: 1, failed: 4, slow: 2, excluded: 1 } as const;
const word = { epoch: 1, failedRun: 4, slowRun: 2, tripped: true, successAgeMs: 5, failureAgeMs: 1, queryAgeMs: 1 };
const trouble = (node: string) => report({ outcomes: [{ node, ...counts }], standing: [{ node, ...word }] });

test("trouble with a node that is called open already is no evidence, and its attempts still count as attempts", () => {
  const left = withoutAnswered(trouble("a"), part("open"), 0);
  expect(hasEvidence(left)).toBe(false);
  expect(left.outcomes).toEqual([{ node: "a", ...counts, failed: 0, slow: 0, excluded: 7 }]);
  expect(left.standing[0]).toMatchObject({ tripped: false, failureAgeMs: 1 });
});

test.for<[string, string, BreakerStateName]>([
  ["a node that is closed", "a", "closed"],
  ["a node that ramps up, where each failure counts", "a", "ramping"],
  ["a node that is forced closed, for the time after that", "a", "forced-closed"],
  ["another node", "b", "open"],
])("trouble with %s is told", ([, node, state]) => {
  const said = trouble(node);
  expect(withoutAnswered(said, part(state), 0)).toEqual(said);
});

test.for<[BreakerStateName, boolean]>([
  ["open", false],
  ["half-open", false],
  ["forced-open", false],
  ["closed", true],
  ["ramping", true],
])("trouble with a node that is %s below a shadow is told as if there were none: %s", ([would, isTold]) => {
  const shadowed = part("shadow");
  const nodes = shadowed.nodes.map((node) => ({ ...node, would }));
  expect(hasEvidence(withoutAnswered(trouble("a"), { ...shadowed, nodes }, 0))).toBe(isTold);
});

test("trouble with a node that an older owner calls half-open, or forced open, is told already", () => {
  for (const state of ["half-open", "forced-open"] as const) {
    expect(hasEvidence(withoutAnswered(trouble("a"), part(state), 0))).toBe(false);
  }
});

test("the end of a lease is told with all that comes with it", () => {
  const settle = [{ lease: "l", node: "a", epoch: 1, outcome: "failed" as const }];
  const said = { ...trouble("a"), settle };
  expect(withoutAnswered(said, part("half-open"), 0)).toEqual(said);
});

test.for<[string, number, number, boolean]>([
  ["of an older epoch, just after the node became well, is from before", 1_000, 3, false],
  ["of an older epoch is told when that is longer ago than any window", 9_000, 3, true],
  ["of the epoch of now is told at once", 0, 1, true],
])("trouble %s", ([, sinceMs, current, isTold]) => {
  const left = withoutAnswered(trouble("a"), part("closed", sinceMs, current), 1_000);
  expect(hasEvidence(left)).toBe(isTold);
});
