import { expect, it } from "vitest";
import { findingsOf } from "../../../../../../tools/indexes/prove/findings.ts";
import type { ProofReport } from "../../../../../../tools/indexes/prove/proveIndexes.ts";
import { indexEntry } from "../../../../../cluster/support/indexEntry.ts";

const QUIET: ProofReport = {
  pitches: 20_000,
  skipped: [],
  samples: [{ key: "a common", before: 900, after: 20, change: "better" }],
  latencies: [],
  proofs: [{ entry: "i", sample: "a common", buffers: 20, maxBuffers: 30, failures: [] }],
  uses: [{ entry: "i", uses: [{ key: "a common", before: 20, after: 900, change: "worse" }] }],
  owners: [{ entry: "o", better: [], worse: [{ key: "a common", before: 9, after: 99, change: "worse" }], samples: 1 }],
  others: [],
};

const ENTRIES = [indexEntry("t (a)", { name: "i" }), indexEntry("t (b)", { name: "key", isUnique: true })];

it.each<[string, Partial<ProofReport>, readonly string[]]>([
  ["finds nothing where all is proved, whatever an index does that is not shipped", {}, []],
  [
    "tells a proof that fails",
    { proofs: [{ entry: "i", sample: "a common", buffers: 40, maxBuffers: 30, failures: ["its plan sorts"] }] },
    ['i is not proved by "a common": its plan sorts.'],
  ],
  [
    "tells a query that got worse",
    { samples: [{ key: "b rare", before: 20, after: 900, change: "worse" }] },
    ['"b rare" reads 900 buffers with our indexes, 20 without.'],
  ],
  [
    "tells a query that fails now",
    { samples: [{ key: "b rare", before: 20, after: undefined, change: "lost" }] },
    ['"b rare" fails with our indexes.'],
  ],
  [
    "tells an index that no sample misses",
    { uses: [{ entry: "i", uses: [] }] },
    ["i is of no use: no sample reads more without it."],
  ],
  ["asks for no use of a unique index: it is a rule", { uses: [{ entry: "key", uses: [] }] }, []],
])("a report %s", (_, change, findings) => {
  expect(findingsOf({ ...QUIET, ...change }, ENTRIES)).toEqual(findings);
});
