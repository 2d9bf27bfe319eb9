import { describe, expect, test } from "vitest";
import {
  type AdmissionFacts,
  type Ask,
  admission,
  type RefusalReason,
} from "../../../../../src/breaker/admission/admission.ts";
import { type BreakerStateName, breakerStates } from "../../../../../src/rpc/parts.ts";

const verdict = (state: BreakerStateName): AdmissionFacts["effective"] => ({
  state,
  epoch: 7,
  source: "fresh",
  ageMs: 1_234,
  retryInMs: state === "open" ? 1_500 : 0,
});

/** What the breaker says of a state, by whether its ramp has room. */
const BREAKER: Readonly<Record<BreakerStateName, readonly [withRoom: Said, without: Said]>> = {
  closed: ["yes", "yes"],
  "forced-closed": ["yes", "yes"],
  shadow: ["yes", "yes"],
  ramping: ["yes", "ramping"],
  "half-open": ["open", "open"],
  open: ["open", "open"],
  "forced-open": ["open", "open"],
};
type Said = "yes" | RefusalReason;

/** What is left of that with the limit: `[in flight, limit, says]`. */
const LIMIT: readonly (readonly [number, number, Said])[] = [
  [0, 20, "yes"],
  [19, 20, "yes"],
  [20, 20, "in-flight"],
  [25, 20, "in-flight"], // it fell while they were under way
];

/** What the budget says. */
const BUDGET: Readonly<Record<Ask, readonly [withRoom: Said, without: Said]>> = {
  first: ["yes", "yes"],
  retry: ["yes", "budget"],
  hedge: ["yes", "budget"],
  spill: ["yes", "budget"],
};

const asks = ["first", "retry", "hedge", "spill"] as const;
const modes = ["off", "observe", "on"] as const;
const both = [true, false] as const;

/** By mode: what is done, of what breaker or limit and budget say, in this order. */
const ACTS: Readonly<Record<(typeof modes)[number], (node: Said, budget: Said) => Said>> = {
  off: (_, budget) => budget,
  observe: (_, budget) => budget,
  on: (node, budget) => (node === "yes" ? budget : node),
};

const combinations = modes.flatMap((mode) =>
  breakerStates.flatMap((state) =>
    both.flatMap((hasRampRoom) =>
      LIMIT.flatMap(([inFlight, limit]) =>
        asks.flatMap((ask) =>
          both.map(
            (hasBudget): AdmissionFacts => ({
              ...{ mode, ask, hasRampRoom, inFlight, limit, hasBudget },
              effective: verdict(state),
            }),
          ),
        ),
      ),
    ),
  ),
);

test("of all combinations, the first of mode, breaker, limit and budget that says no decides", () => {
  expect(combinations).toHaveLength(3 * 7 * 2 * 4 * 4 * 2);
  for (const facts of combinations) {
    const { mode, ask, effective, hasRampRoom, inFlight, limit, hasBudget } = facts;
    const byBreaker = BREAKER[effective.state][hasRampRoom ? 0 : 1];
    const byLimit = LIMIT.find(([each, of]) => each === inFlight && of === limit)?.[2] ?? "yes";
    const byNode = byBreaker === "yes" ? byLimit : byBreaker;
    const expected = ACTS[mode](byNode, BUDGET[ask][hasBudget ? 0 : 1]);
    const { state, epoch, ageMs, source } = effective;
    const verdict = { state, epoch, ageMs, source };
    const would = mode === "observe" && byNode !== "yes" ? byNode : undefined;
    expect(admission(facts), JSON.stringify(facts)).toEqual(
      expected === "yes"
        ? { kind: "admitted", would, ...verdict }
        : {
            kind: "refused",
            reason: expected,
            retryAfterMs: expected === "open" ? effective.retryInMs : 0,
            ...verdict,
          },
    );
  }
});

describe("a decision", () => {
  const facts: AdmissionFacts = {
    ...{ mode: "on", ask: "first", hasRampRoom: true, inFlight: 0, limit: 20, hasBudget: true },
    effective: verdict("open"),
  };

  test("says when to come back where the breaker is open", () => {
    expect(admission(facts)).toMatchObject({ reason: "open", retryAfterMs: 1_500 });
  });

  test.for(["fresh", "cached", "fail-static", "local-only"] as const)("names its source: %s", (source) => {
    for (const state of ["open", "closed"] as const) {
      const ageMs = source === "local-only" ? null : 42;
      const decided = admission({ ...facts, effective: { ...verdict(state), source, ageMs } });
      expect(decided).toMatchObject({ state, epoch: 7, ageMs, source });
    }
  });
});
