import { afterEach, expect, test, vi } from "vitest";
import { OPEN_AFTER_RUN } from "../../../../src/breaker/constants.ts";
import type { Query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { write } from "../../../../src/database/write.ts";
import type { BreakerStateName } from "../../../../src/rpc/parts.ts";
import { type Bed, bed, errorOf, PRIMARY, REPLICA, THREE } from "./bed.ts";

afterEach(() => {
  vi.useRealTimers();
});

const QUERY: Query = { name: "test.any", text: "SELECT 1", values: [] };

/** `[reason, times]` of all refusals counted. */
function counted({ state }: Bed): unknown {
  const families = state.instruments.ledger.take()?.counters ?? [];
  const series = families.find(({ metric }) => metric === "breakwater_database_refusals_total")?.series ?? [];
  return series.map(([[reason], times]) => [reason, times]);
}

/** All nodes known, and nobody refused yet. */
const known = () => bed({ roles: { ...THREE } });

test.for<[string, () => Bed, (made: Bed) => Promise<unknown>, unknown]>([
  ["a write without a primary", () => bed({ roles: { a: REPLICA } }), writing, [["no-primary", 1]]],
  ["a write with two primaries", () => bed({ roles: { a: PRIMARY, b: PRIMARY } }), writing, [["no-primary", 1]]],
  ["a read whose time is over", () => bed({ roles: { ...THREE }, deadlineMs: 1 }), reading, [["deadline", 1]]],
  ["a write whose time is over", () => bed({ roles: { ...THREE }, deadlineMs: 110 }), writing, [["deadline", 1]]],
  ["a read with all nodes open", () => opened(known()), reading, [["open", 1]]],
])("%s is counted by its reason", async ([, make, work, reasons]) => {
  const made = make();
  await errorOf(work(made));
  expect(counted(made)).toEqual(reasons);
});

test.for<[string, readonly string[], string]>([
  [
    "of the node that comes back, first or last",
    ["ramping", "open", "open"],
    "The database is coming back, and takes few requests yet.",
  ],
  [
    "of the node that comes back, first or last",
    ["open", "open", "ramping"],
    "The database is coming back, and takes few requests yet.",
  ],
  ["of none where none does", ["open", "half-open", "open"], "The database does not answer."],
])("where none admits, a refusal speaks %s", async ([, states, sentence]) => {
  const made = known();
  const nodes = made.state.nodes.map(({ name }, at) => ({
    node: name,
    state: (states[at] ?? "open") as BreakerStateName,
    epoch: 1,
    sinceMs: 0,
    forMs: 1_000,
  }));
  // A share so small that its first token takes minutes.
  const part = { incarnation: 1, epoch: 1, version: 1, ageMs: 0, reporters: 100_000, nodes, health: [] };
  made.state.view.adopt({ breaker: part }, 0, Date.now());
  expect((await errorOf(reading(made))).message).toBe(sentence);
});

function writing({ scope }: Bed): Promise<unknown> {
  return write(scope, [QUERY], { tags: [] });
}

function reading({ scope }: Bed): Promise<unknown> {
  return read(scope, QUERY);
}

function opened(made: Bed): Bed {
  for (const { name } of made.state.nodes) {
    for (let index = 0; index < OPEN_AFTER_RUN; index++) {
      made.state.observe(name, { failure: "infrastructure", kind: "read", now: Date.now() });
    }
  }
  return made;
}
