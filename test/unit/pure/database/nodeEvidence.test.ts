import { describe, expect, test } from "vitest";
import type { FailureClass } from "../../../../src/database/classify.ts";
import { ASLEEP_AFTER_MS, AVOID_MAX_MS, AVOID_MS } from "../../../../src/database/constants.ts";
import {
  isAsleep,
  NO_EVIDENCE,
  type NodeEvidence,
  observe,
  withOthers,
} from "../../../../src/database/nodeEvidence.ts";

const NOW = 50_000;
const seen = (evidence: NodeEvidence, failure: FailureClass | undefined, now = NOW, isCheck = false) =>
  observe(evidence, { failure, kind: isCheck ? "check" : "read", now });

/** The evidence after that many failures in a row, one a millisecond. */
function failed(times: number, failure: FailureClass = "infrastructure"): NodeEvidence {
  let evidence = NO_EVIDENCE;
  for (let index = 0; index < times; index++) evidence = seen(evidence, failure, index);
  return evidence;
}

describe("an attempt that ended", () => {
  test.for<FailureClass | undefined>([undefined, "caller", "conflict", "role"])(
    "as %s shows that the node is alive, whatever was before",
    (failure) => {
      const before = seen(failed(5), "configuration");
      expect(seen(before, failure)).toEqual({
        lastSuccessAt: NOW,
        lastFailureAt: before.lastFailureAt,
        lastQueryAt: NOW,
        failuresInARow: 0,
        avoidUntil: 0,
        misconfigured: false,
      });
    },
  );

  test.for<FailureClass>(["infrastructure", "slow"])("as %s counts against the node", (failure) => {
    expect(seen(NO_EVIDENCE, failure)).toEqual({
      ...NO_EVIDENCE,
      lastFailureAt: NOW,
      lastQueryAt: NOW,
      failuresInARow: 1,
      avoidUntil: NOW + AVOID_MS,
    });
  });

  test("as abort is neutral", () => {
    expect(seen(failed(2), "abort")).toEqual({ ...failed(2), lastQueryAt: NOW });
  });

  test("as configuration takes the node out at once", () => {
    const evidence = seen(NO_EVIDENCE, "configuration");
    expect(evidence.misconfigured).toBe(true);
    expect(evidence.avoidUntil).toBe(NOW + AVOID_MAX_MS);
  });
});

test("a node that goes on failing is passed over for longer each time, up to a maximum", () => {
  const avoided = [1, 2, 3, 4, 5, 6, 7, 100, 2_000].map((times) => {
    const { avoidUntil, lastFailureAt } = failed(times);
    return avoidUntil - (lastFailureAt ?? 0);
  });
  expect(avoided).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("our own checks are not queries of the application", () => {
  expect(seen(NO_EVIDENCE, undefined, NOW, true).lastQueryAt).toBeUndefined();
  expect(seen(NO_EVIDENCE, "slow", NOW, true).lastQueryAt).toBeUndefined();
});

describe("a node", () => {
  const asked = seen(NO_EVIDENCE, undefined);

  test.for<[string, boolean, NodeEvidence, number, boolean]>([
    ["that may not sleep never does", false, NO_EVIDENCE, NOW, false],
    ["that may, and was never asked, is taken to sleep", true, NO_EVIDENCE, NOW, true],
    ["asked a moment ago is awake", true, asked, NOW + 1, false],
    ["asked four minutes ago is still awake", true, asked, NOW + ASLEEP_AFTER_MS, false],
    ["asked longer ago sleeps", true, asked, NOW + ASLEEP_AFTER_MS + 1, true],
    ["that only we asked sleeps", true, seen(NO_EVIDENCE, undefined, NOW, true), NOW + 1, true],
  ])("%s", ([, maySleep, evidence, now, sleeps]) => {
    expect(isAsleep({ maySleep }, evidence, now)).toBe(sleeps);
  });
});

describe("joined with what others saw", () => {
  const answered = seen(NO_EVIDENCE, undefined);
  const nothing = { successAt: undefined, failureAt: undefined, queryAt: undefined };

  test.for<[string, NodeEvidence, Partial<Record<"successAt" | "failureAt", number>>, number]>([
    ["nothing new", answered, {}, 0],
    ["a failure after its last answer here", answered, { failureAt: NOW + 1 }, 1],
    ["a failure before that", answered, { failureAt: NOW - 1 }, 0],
    ["a failure, and an answer since", answered, { failureAt: NOW + 1, successAt: NOW + 2 }, 0],
    ["an answer after its failures here", failed(3), { successAt: NOW + 10_000_000 }, 0],
    ["a failure where nobody here asked", NO_EVIDENCE, { failureAt: NOW }, 1],
    ["one more failure than those here", failed(3), { failureAt: NOW + 10_000_000 }, 3],
  ])("%s: it failed so many times in a row", ([, evidence, others, times]) => {
    expect(withOthers(evidence, { ...nothing, ...others }).failuresInARow).toBe(times);
  });
});
