import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStep } from "../../../../../../tools/indexes/deploy/nextStep.ts";
import type { IndexState } from "../../../../../../tools/indexes/deploy/state.ts";

const STATES: readonly IndexState[] = [
  { kind: "skipped", reason: "r" },
  { kind: "absent" },
  { kind: "building", busy: { pid: 1, command: "c" } },
  { kind: "leftover", isReady: true, rejectsWrites: true },
  { kind: "half-dropped" },
  { kind: "valid-same", definition: "d" },
  { kind: "valid-different", definition: "d", constraint: undefined },
  { kind: "valid-different", definition: "d", constraint: "c" },
  { kind: "taken", by: "u" },
];

/** What a step does to the two names when the server does it whole, or leaves it half done. */
function after(states: [IndexState, IndexState], step: ReturnType<typeof nextStep>, isWhole: boolean): typeof states {
  const at = "at" in step && step.at === "staging" ? 1 : 0;
  const next: typeof states = [...states];
  const same: IndexState = { kind: "valid-same", definition: "d" };
  if (step.kind === "build") next[at] = isWhole ? same : { kind: "leftover", isReady: false, rejectsWrites: false };
  if (step.kind === "drop") next[at] = isWhole ? { kind: "absent" } : { kind: "half-dropped" };
  if (step.kind === "wait")
    for (const n of [0, 1] as const)
      if (next[n].kind === "building")
        next[n] = isWhole ? same : { kind: "leftover", isReady: true, rejectsWrites: false };
  if (step.kind === "rename" && isWhole) [next[0], next[1]] = [next[1], { kind: "absent" }];
  return next;
}

describe("the next step", () => {
  it("comes to an end from every pair of states, whatever is interrupted on the way", () => {
    const state = fc.constantFrom(...STATES);
    fc.assert(
      fc.property(
        state,
        state,
        fc.boolean(),
        fc.array(fc.boolean(), { maxLength: 6 }),
        (name, staging, isReplacing, cuts) => {
          let states: [IndexState, IndexState] = [name, staging];
          for (let round = 0; round < cuts.length + 7; round++) {
            const step = nextStep(...states, { isReplacing });
            if (step.kind === "skip" || step.kind === "refuse") return;
            if (step.kind === "done") {
              expect(states[0].kind).toBe("valid-same");
              expect(["absent", "skipped", "taken"]).toContain(states[1].kind);
              return;
            }
            states = after(states, step, cuts[round] ?? true);
          }
          throw new Error(`no end from ${name.kind} and ${staging.kind}`);
        },
      ),
    );
  });

  it("never drops or replaces what is valid and was not to be replaced", () => {
    for (const staging of STATES) {
      const different = nextStep(STATES[6] as IndexState, staging, { isReplacing: false });
      expect(["refuse", "wait", "drop"]).toContain(different.kind);
      if (different.kind === "drop") expect(different.at).toBe("staging");
      const constrained = nextStep(STATES[7] as IndexState, staging, { isReplacing: true });
      if (constrained.kind === "drop") expect(constrained.at).toBe("staging");
      else expect(["refuse", "wait"]).toContain(constrained.kind);
    }
  });
});
