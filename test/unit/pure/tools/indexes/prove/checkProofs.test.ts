import { describe, expect, it } from "vitest";
import type { IndexEntry, Proof } from "../../../../../../sql/indexes/entry.ts";
import { checkProofs } from "../../../../../../tools/indexes/prove/checkProofs.ts";
import { measured } from "./measured.ts";

const PROOF: Proof = { query: "pitches.browse", shape: "newest", maxBuffers: { common: 30, rare: 60 } };

function entry(...proofs: Proof[]): IndexEntry {
  return {
    name: "pitches_newest",
    table: "pitches",
    columns: ["created_at"],
    definition: "pitches (created_at DESC)",
    phase: 1,
    queries: ["pitches.browse"],
    proofs,
    writeBudget: { walPerInsert: 2, hotLoss: 0 },
    dropRule: "never",
    verdict: { kind: "ship" },
  };
}

const sample = { name: "pitches.browse", shape: "newest", index: "pitches_newest", buffers: 30 };

describe("a proof", () => {
  it.each([
    ["holds with its index, no sort and as many buffers as it may read", sample, PROOF, []],
    ["fails with one buffer more", { ...sample, buffers: 31 }, PROOF, ["31 buffers are more than 30"]],
    ["bounds rare values on their own", { ...sample, label: "rare", buffers: 60 }, PROOF, []],
    ["counts finding nothing as rare", { ...sample, label: "none", buffers: 60 }, PROOF, []],
    ["counts a deep page as common", { ...sample, label: "deep", buffers: 60 }, PROOF, ["60 buffers are more than 30"]],
    ["fails with another index", { ...sample, index: "other" }, PROOF, ["its plan reads other"]],
    ["fails where the plan sorts", { ...sample, isSorted: true }, PROOF, ["its plan sorts"]],
    ["may sort where it says so", { ...sample, isSorted: true }, { ...PROOF, isOrdered: false }, []],
    ["may read another where it says so", { ...sample, index: "other" }, { ...PROOF, isChosen: false }, []],
    [
      "tells everything that is wrong",
      { ...sample, index: "other", isSorted: true, buffers: 99 },
      PROOF,
      ["its plan reads other", "its plan sorts", "99 buffers are more than 30"],
    ],
  ] as const)("%s", (_, of, proof, failures) => {
    expect(checkProofs([entry(proof)], [measured(of)]).map((result) => result.failures)).toEqual([failures]);
  });

  it("fails where the query does", () => {
    const failed = measured({ name: "pitches.browse", shape: "newest", trouble: "no such column" });
    expect(checkProofs([entry(PROOF)], [failed])[0]?.failures).toEqual(["it failed: no such column"]);
  });

  it("fails without a sample: it would prove nothing", () => {
    const [result] = checkProofs([entry(PROOF)], [measured({ ...sample, shape: "popular" })]);
    expect(result).toMatchObject({ sample: "pitches.browse newest", failures: ["there is no sample of it"] });
  });

  it("of a finished clean-up is not held against one that has work", () => {
    const proof: Proof = { query: "views.forget", isFinished: true, maxBuffers: { common: 1, rare: 1 } };
    expect(checkProofs([entry(proof)], [measured({ ...sample, name: "views.forget", buffers: 900 })])).toEqual([]);
  });

  it("without a shape is of all texts of its query", () => {
    const proof: Proof = { query: "pitches.browse", maxBuffers: { common: 30, rare: 60 } };
    const results = checkProofs([entry(proof)], [measured(sample), measured({ ...sample, shape: "popular" })]);
    expect(results.map(({ sample: key }) => key)).toEqual([
      "pitches.browse newest common",
      "pitches.browse popular common",
    ]);
  });
});
