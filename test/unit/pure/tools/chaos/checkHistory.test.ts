import { describe, expect, it } from "vitest";
import { checkHistory } from "../../../../../tools/chaos/cluster/checkHistory.ts";
import type {
  History,
  Logged,
  Operation,
  OutcomeOperation,
  ReadOperation,
  Told,
  WriteOperation,
} from "../../../../../tools/chaos/cluster/history.ts";

const NOTHING: Told = { lost: false, rewound: false, unproven: false };

/** Request number `id` runs from `10 * id` to `10 * id + 5`, in the session of the request before it. */
const common = (id: number) => ({
  id,
  client: "session-1",
  isolate: "isolate-1",
  startMs: 10 * id,
  endMs: 10 * id + 5,
  parent: id > 1 ? id - 1 : null,
  gaveToken: true,
  ending: "answered" as const,
  status: 200,
  told: NOTHING,
  epoch: 1,
  route: "node-2",
});

const read = (id: number, value: number, more: Partial<ReadOperation> = {}): ReadOperation => {
  return { ...common(id), kind: "read", promised: "session", key: "r1", value, ...more };
};
const write = (id: number, value: number, more: Partial<WriteOperation> = {}): WriteOperation => {
  return { ...common(id), kind: "write", key: "r1", value, hasIdempotencyKey: false, ...more };
};
const outcome = (
  id: number,
  value: number,
  state: OutcomeOperation["state"],
  more: Partial<OutcomeOperation> = {},
): OutcomeOperation => ({ ...common(id), kind: "outcome", key: "r1", value, state, ...more });

const logOf = (...values: readonly number[]): Logged[] => values.map((value) => ({ key: "r1", value }));
const historyOf = (operations: readonly Operation[], more: Partial<History> = {}): History => {
  return { operations, turns: [], lines: [], finalLog: null, ...more };
};
/** Epoch 2 began between requests 4 and 5, on a line that has these. */
const failover = (has: readonly number[], finalLog: readonly number[]): Partial<History> => ({
  turns: [{ fromMs: 46, toMs: 49 }],
  lines: [{ epoch: 2, log: logOf(...has) }],
  finalLog: logOf(...finalLog),
});
const told = (what: Partial<Told>): { told: Told } => ({ told: { ...NOTHING, ...what } });
const E2 = { epoch: 2 };

const kindsOf = (history: History) => checkHistory(history).violations.map(({ kind }) => kind);

/** All that may happen, and is told as promised. */
const GOOD = historyOf(
  [
    write(1, 1),
    read(2, 1),
    write(3, 2),
    write(4, 3),
    read(5, 1, { ...E2, ...told({ lost: true, rewound: true }) }),
    write(6, 4, E2),
    read(7, 4, E2),
    write(8, 5, { ending: "unknown", epoch: null, gaveToken: false }),
    outcome(9, 5, "committed", { ...E2, parent: 7 }),
    read(10, 5, { ...E2, parent: 7 }),
    write(11, 6, { ending: "unknown", epoch: null, gaveToken: false, parent: 10 }),
    outcome(12, 6, "void", { ...E2, parent: 10 }),
    read(13, 3, { promised: "any", client: "visitor", parent: null, epoch: null }),
    read(14, 5, { promised: "strict", client: "keeper", parent: null, epoch: null }),
    write(15, 7, { ending: "refused", status: 503, epoch: null, gaveToken: false, parent: 10 }),
    read(16, 4, { ...E2, parent: 10, ...told({ unproven: true }) }),
    read(17, 4, E2),
  ],
  failover([1], [1, 4, 5]),
);

describe("a history in which every promise is kept", () => {
  it("shows no violation, and how many answered writes are gone", () => {
    expect(checkHistory(GOOD)).toEqual({ violations: [], possiblyLost: 2 });
  });

  it.each([
    ["another's write that the session never saw", [write(1, 1, { client: "other" }), read(2, 0, { parent: null })]],
    [
      "an answer that was not carried on",
      [write(1, 1), read(2, 1), read(3, 1, { parent: 1 }), write(4, 2, { parent: 2 }), read(5, 1, { parent: 3 })],
    ],
    ["what an unproven answer showed, seen again", [read(1, 5), read(2, 3, told({ unproven: true })), read(3, 3)]],
    [
      "a strict read that began before the write was answered",
      [write(1, 1), read(2, 0, { promised: "strict", startMs: 14, parent: null })],
    ],
    ["a read that was refused", [write(1, 1), read(2, 0, { ending: "refused" })]],
    ["a read of a node that never heard of the write, by nobody", [write(1, 1), read(2, 0, { promised: "any" })]],
  ])("such as: %s", (_, operations) => {
    expect(kindsOf(historyOf(operations))).toEqual([]);
  });
});

describe("a planted violation", () => {
  it.each<[string, string, readonly Operation[], Partial<History>]>([
    ["a session that misses its own write", "read-your-writes", [write(1, 1), read(2, 0)], {}],
    ["the same with other requests between", "read-your-writes", [write(1, 2), read(2, 2), read(3, 1)], {}],
    [
      "one that misses it and is told another thing",
      "read-your-writes",
      [write(1, 1), read(2, 0, told({ rewound: true }))],
      {},
    ],
    [
      "one told that it is lost, which it is not",
      "read-your-writes",
      [write(1, 1), read(2, 0, told({ lost: true }))],
      {},
    ],
    ["a session that goes back in time", "monotonic", [read(1, 2), read(2, 1)], {}],
    [
      "the same after it had been told of an earlier step",
      "monotonic",
      [read(1, 4, told({ unproven: true })), read(2, 2)],
      {},
    ],
    [
      "one that goes back across a failover without a word",
      "monotonic",
      [read(1, 3), read(5, 1, { ...E2, parent: 1 })],
      failover([1], [1]),
    ],
    ["a strict read that is behind", "strict", [write(1, 1), read(2, 0, { promised: "strict", parent: null })], {}],
    [
      "a lost write that its session is not told of",
      "lost-silently",
      [write(4, 3, { parent: null }), read(5, 4, E2)],
      failover([1], [1, 4]),
    ],
    [
      "the same, told only that it was rewound",
      "lost-silently",
      [write(4, 3, { parent: null }), read(5, 1, { ...E2, ...told({ rewound: true }) })],
      failover([1], [1]),
    ],
    ["an answered write that is gone though no line lacked it", "lost-silently", [write(1, 1)], { finalLog: [] }],
    [
      "one told of a loss that did not happen",
      "lost-falsely",
      [write(4, 3, { parent: null }), read(5, 3, { ...E2, ...told({ lost: true }) })],
      failover([3], [3]),
    ],
    ["a write that is there twice", "duplicate-write", [write(1, 1)], { finalLog: logOf(1, 1) }],
    [
      "a repeat with a key that was done again",
      "duplicate-write",
      [write(1, 1, { ending: "unknown", hasIdempotencyKey: true }), write(2, 1, { hasIdempotencyKey: true })],
      { finalLog: logOf(1, 1) },
    ],
    [
      "a refused write that is there",
      "refused-but-written",
      [write(1, 1, { ending: "refused" })],
      { finalLog: logOf(1) },
    ],
    [
      "a write that was called void and is there",
      "wrong-outcome",
      [write(1, 1, { ending: "unknown" }), outcome(2, 1, "void")],
      { finalLog: logOf(1) },
    ],
    [
      "a write that was called committed and is not there",
      "wrong-outcome",
      [write(1, 1, { ending: "unknown" }), outcome(2, 1, "committed")],
      { finalLog: [] },
    ],
  ])("is found and named: %s", (_, kind, operations, more) => {
    expect(kindsOf(historyOf(operations, more))).toContain(kind);
  });

  it("names the requests that show it", () => {
    const { violations } = checkHistory(historyOf([write(1, 2), read(2, 2), read(3, 1)]));
    expect(violations).toContainEqual({
      kind: "read-your-writes",
      sentence: "session-1 wrote r1 = 2 and then read 1",
      operations: [1, 3],
    });
  });

  it("is found in a good history as well, whichever read it befalls", () => {
    for (const [index, each] of GOOD.operations.entries()) {
      if (each.kind !== "read" || each.promised === "any" || index < 1) continue;
      const operations = GOOD.operations.with(index, { ...each, value: 0, told: NOTHING });
      expect([each.id, kindsOf({ ...GOOD, operations }).length > 0]).toEqual([each.id, true]);
    }
  });
});
