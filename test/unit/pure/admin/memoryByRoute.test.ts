import { expect, test } from "vitest";
import { memoryByRoute } from "../../../../src/admin/memoryByRoute.ts";

const NOW = 1_000_000;

test("what memory holds is told by route, the largest first, with its bytes and ages", () => {
  const copies = [
    ...Array.from({ length: 10 }, (_, at) => ({ key: `/list?${at}`, loadedAt: NOW - at * 1_000, bytes: 10 })),
    { key: "/one/1", loadedAt: NOW + 5, bytes: 500 },
    { key: "/gone", loadedAt: NOW - 7, bytes: 1 },
  ];
  const routeOf = (key: string) =>
    key.startsWith("/list") ? "/list" : key.startsWith("/one") ? "/one/:id" : undefined;
  const routes = memoryByRoute(copies, routeOf, NOW);
  expect(routes).toEqual({
    "/one/:id": { entries: 1, bytes: 500, ageMs: { p50: 0, p90: 0, max: 0 } },
    "/list": { entries: 10, bytes: 100, ageMs: { p50: 5_000, p90: 9_000, max: 9_000 } },
    other: { entries: 1, bytes: 1, ageMs: { p50: 7, p90: 7, max: 7 } },
  });
  expect(Object.keys(routes)).toEqual(["/one/:id", "/list", "other"]);
  expect(memoryByRoute([], routeOf, NOW)).toEqual({});
});
