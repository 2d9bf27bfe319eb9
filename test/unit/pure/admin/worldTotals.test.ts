import { expect, test } from "vitest";
import { worldTotals } from "../../../../src/admin/worldTotals.ts";
import { ObjectAccess } from "../../../../src/exchange/objectAccess.ts";
import type { IsolateState } from "../../../../src/isolate.ts";
import type { ObjectBindings } from "../../../../src/rpc/stubs.ts";

const NAMES = ["collector:enam:0", "collector:weur:0"];

/** An isolate without an exchange, as in mode `off`; `silent`: the Collectors that do not answer. */
function isolate(silent: readonly string[] = []): IsolateState {
  const collector = (name: string) => ({
    totals: async () => {
      if (silent.includes(name)) throw new Error("away");
      return JSON.stringify({ data: { counters: [], histograms: [] }, checkpointAgeMs: 0, reporters: 1 });
    },
  });
  const breaker = { admin: async () => JSON.stringify({ collectors: NAMES }) };
  const bindings = { COLLECTOR: { getByName: collector }, CIRCUIT_BREAKER: { getByName: () => breaker } };
  const objects = new ObjectAccess(bindings as unknown as ObjectBindings, "enam");
  return { objects, exchange: undefined } as unknown as IsolateState; // the rest of an isolate is not needed here
}

test("the world's totals are told while Breakwater is off too: sums must not step back", async () => {
  const { totals, trouble } = await worldTotals(isolate());
  expect([totals.length, trouble]).toEqual([2, undefined]);
});

test("a Collector that does not answer is named: sums without it would be too small", async () => {
  expect((await worldTotals(isolate(["collector:weur:0"]))).trouble).toContain("collector:weur:0");
});

test("without objects there is nothing to add up, and no trouble", async () => {
  const state = { objects: { missing: ["COLLECTOR"] }, exchange: undefined } as unknown as IsolateState;
  expect(await worldTotals(state)).toEqual({ totals: [], ageMs: 0 });
});
