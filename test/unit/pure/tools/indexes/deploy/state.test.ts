import { describe, expect, it } from "vitest";
import type { FoundRelation, IndexFacts, LastAction } from "../../../../../../tools/indexes/deploy/facts.ts";
import { stateOf } from "../../../../../../tools/indexes/deploy/state.ts";

const WANTED = "CREATE INDEX i ON public.t USING btree (a)";

const found = (given: Partial<FoundRelation> = {}): FoundRelation => ({
  oid: 2,
  kind: "i",
  onTable: "t",
  isOnOurTable: true,
  isValid: true,
  isReady: true,
  isLive: true,
  isUnique: false,
  hasExpressions: false,
  needsAnalyze: false,
  definition: WANTED,
  constraint: undefined,
  bytes: 8192,
  ...given,
});

const facts = (given: Partial<IndexFacts> = {}): IndexFacts => ({
  name: "i",
  table: { oid: 1, kind: "r", missingColumns: [], missingOpclasses: [] },
  found: found(),
  busy: undefined,
  last: undefined,
  ...given,
});

const last = (action: string, state: string): LastAction => ({
  action,
  state,
  statement: "",
  definition: undefined,
  isOurs: true,
});

const invalid = found({ isValid: false });
const busy = { pid: 7, command: "CREATE INDEX CONCURRENTLY" };

describe("the state of an index", () => {
  it.each<[string, IndexFacts, object]>([
    ["nothing of that name", facts({ found: undefined }), { kind: "absent" }],
    ["valid and wanted", facts(), { kind: "valid-same" }],
    [
      "valid, other columns",
      facts({ found: found({ definition: "CREATE INDEX i ON t USING btree (b)" }) }),
      { kind: "valid-different" },
    ],
    ["invalid, ready", facts({ found: invalid }), { kind: "leftover", isReady: true, rejectsWrites: false }],
    [
      "invalid, ready, unique",
      facts({ found: found({ isValid: false, isUnique: true }) }),
      { kind: "leftover", rejectsWrites: true },
    ],
    [
      "invalid, not ready, unique",
      facts({ found: found({ isValid: false, isReady: false, isUnique: true }) }),
      { kind: "leftover", rejectsWrites: false },
    ],
    ["invalid while somebody builds it", facts({ found: invalid, busy }), { kind: "building", busy: { pid: 7 } }],
    ["valid while somebody drops it", facts({ busy }), { kind: "building" }],
    [
      "invalid after a drop that begun",
      facts({ found: invalid, last: last("drop", "begun") }),
      { kind: "half-dropped" },
    ],
    [
      "invalid after a drop that was cancelled",
      facts({ found: invalid, last: last("drop", "cancelled") }),
      { kind: "half-dropped" },
    ],
    ["invalid after a drop that was done", facts({ found: invalid, last: last("drop", "done") }), { kind: "leftover" }],
    ["invalid after a build that begun", facts({ found: invalid, last: last("build", "begun") }), { kind: "leftover" }],
    [
      "not live, whoever dropped it",
      facts({ found: found({ isValid: false, isLive: false }) }),
      { kind: "half-dropped" },
    ],
    [
      "another table's",
      facts({ found: found({ isOnOurTable: false, onTable: "u" }) }),
      { kind: "taken", by: "an index of u" },
    ],
    [
      "another table's leftover",
      facts({ found: found({ isOnOurTable: false, onTable: "u", isValid: false }) }),
      { kind: "taken" },
    ],
    ["no index at all", facts({ found: found({ onTable: undefined, kind: "S" }) }), { kind: "taken" }],
    ["no table", facts({ table: { ...facts().table, oid: undefined } }), { kind: "skipped" }],
    ["no column", facts({ table: { ...facts().table, missingColumns: ["a"] } }), { kind: "skipped" }],
    [
      "a partitioned index that waits for its children",
      facts({ found: found({ kind: "I", isValid: false }) }),
      { kind: "skipped" },
    ],
  ])("is told by facts alone: %s", (_, given, expected) => {
    expect(stateOf(given, (definition) => definition === WANTED)).toMatchObject(expected);
  });
});
