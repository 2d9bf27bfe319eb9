import { expect, test } from "vitest";
import { worldShared } from "../../../../src/admin/worldShared.ts";
import type { CollectorTotals } from "../../../../src/admin/worldTotals.ts";
import { Instruments } from "../../../../src/telemetry/instruments.ts";
import { Totals } from "../../../../src/telemetry/totals.ts";

const LIST = "/api/pitches";
const ONE = "/api/pitches/:id";

/** What a Collector has of isolates that counted so. */
function collector(count: (instruments: Instruments) => void): CollectorTotals {
  const instruments = new Instruments({ shared: [LIST, ONE] });
  count(instruments);
  const delta = instruments.ledger.take(100_000);
  const totals = new Totals();
  if (delta) totals.merge(delta);
  return { data: totals.data(), checkpointAgeMs: 0, reporters: 1 };
}

test("tells by route and tier what was given, how large and how old it was, added up over Collectors", () => {
  const told = worldShared([
    collector((here) => {
      here.shared(LIST, "fresh");
      here.servedAge(LIST, 10);
      here.servedBytes(LIST, "memory", 100);
      here.servedBytes(ONE, "database", 7);
    }),
    collector((here) => {
      here.shared(LIST, "loaded");
      here.servedBytes(LIST, "memory", 20);
      here.servedBytes(LIST, "kv", 5);
      here.servedAge(ONE, 1_000);
    }),
  ]);
  expect(told.bytes).toEqual({ memory: 120, kv: 5, database: 7 });
  expect(told.routes[LIST]).toMatchObject({ requests: 2, hitRatio: 0.5, bytes: { memory: 120, kv: 5 } });
  expect(told.routes[LIST]?.servedAgeSeconds?.p99).toBeCloseTo(10, 0);
  expect(told.servedAgeSeconds?.p50).toBeCloseTo(10, 0);
  expect(Math.abs((told.servedAgeSeconds?.p99 ?? 0) - 1_000)).toBeLessThan(11);
});

test("tells of no age where no copy was given", () => {
  const told = worldShared([collector((here) => here.shared(LIST, "loaded"))]);
  expect([told.servedAgeSeconds, told.routes[LIST]?.servedAgeSeconds, told.bytes]).toEqual([null, null, {}]);
});
