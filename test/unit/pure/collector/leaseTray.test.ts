import { expect, test } from "vitest";
import { LeaseTray } from "../../../../src/collector/leaseTray.ts";
import { lease, NOW } from "./collectorBed.ts";

function trayWith(besides: string | undefined): LeaseTray {
  const tray = new LeaseTray();
  tray.put([besides === undefined ? lease() : { ...lease(), besides }], NOW);
  return tray;
}

test.for<[string | undefined, string, number, number | undefined]>([
  [undefined, "FRA", 100, 2_900],
  ["AMS", "FRA", 100, 2_900],
  ["FRA", "FRA", 100, undefined],
  ["FRA", "FRA", 499, undefined],
  ["FRA", "FRA", 500, 2_500],
  ["FRA", "FRA", 3_000, undefined],
  ["FRA", "FRA", -60_000, 3_000],
])("a lease besides %s goes to a reporter of %s after %d ms with %o ms left", ([besides, colo, afterMs, leftMs]) => {
  const taken = trayWith(besides).take(NOW + afterMs, colo);
  expect(taken).toEqual(leftMs === undefined ? [] : [{ ...lease(), expiresInMs: leftMs }]);
});

test("one that was kept from a colo goes to the next reporter of another, once", () => {
  const tray = trayWith("FRA");
  expect(tray.take(NOW + 10, "FRA")).toEqual([]);
  expect(tray.take(NOW + 20, "AMS")).toEqual([{ ...lease(), expiresInMs: 2_980 }]);
  expect(tray.take(NOW + 30, "LHR")).toEqual([]);
});
