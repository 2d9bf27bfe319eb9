import { afterEach, expect, test, vi } from "vitest";
import { OPEN_AFTER_RUN } from "../../../../src/breaker/constants.ts";
import type { Query } from "../../../../src/database/query.ts";
import { read } from "../../../../src/database/read.ts";
import { write } from "../../../../src/database/write.ts";
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
