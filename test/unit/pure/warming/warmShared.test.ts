import { expect, test } from "vitest";
import { DatabaseState } from "../../../../src/database/databaseState.ts";
import { ObjectAccess } from "../../../../src/exchange/objectAccess.ts";
import { createRouter } from "../../../../src/http/router.ts";
import type { IsolateState } from "../../../../src/isolate.ts";
import { accounts, problems, routes } from "../../../../src/marketplace/index.ts";
import type { ObjectBindings } from "../../../../src/rpc/stubs.ts";
import { warmShared } from "../../../../src/warming/warmShared.ts";

/** What a dry run plans, in its order, where the world tells of these keys and how hot each is. */
async function planned(
  told: readonly (readonly [key: string, heat: number])[],
  { paths, joined = [] }: { paths?: readonly string[]; joined?: readonly string[] } = {},
) {
  const keys = told.map(([key, heat]) => ({ key, heat, loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" }));
  const coordinator = { heat: async () => JSON.stringify({ keys, kvWritesLeft: 1_000_000, joined }) };
  const bindings = { CACHE_COORDINATOR: { getByName: () => coordinator } } as unknown as ObjectBindings;
  const open = () => {
    throw new Error("no node is asked in a dry run");
  };
  const state = {
    config: { cacheKvWritesADay: 1_000_000, cacheWarmSubrequests: 1_000, modes: { breaker: "on" } },
    database: new DatabaseState([{ name: "a", maySleep: false, open }]),
    objects: new ObjectAccess(bindings, "enam"),
  };
  const router = createRouter({ routes: routes.map(raised), accounts, problems });
  const { skipped } = await warmShared(
    state as unknown as IsolateState, // the parts that a plan needs
    { waitUntil: () => {} },
    (path) => router.sharedTarget(path),
    { paths, top: 100, dryRun: true, nextInMs: 300_000, endAt: Date.now() + 20_000 },
  );
  return skipped.filter(({ why }) => why === "dry-run").map(({ path }) => path);
}

/** The lists' answers changed, the others did not. */
function raised(route: (typeof routes)[number]): (typeof routes)[number] {
  return route.shared && route.path === "/api/pitches" ? { ...route, shared: { ...route.shared, version: 3 } } : route;
}

test("keys that were hot in older versions warm the present one, as hot as all of them, by its path", async () => {
  const told = [
    ["/api/pitches#3", 1],
    ["/api/genres", 5],
    ["/api/pitches", 4],
    ["/api/pitches#2", 6],
    ["/api/pitches?genre=drama#2", 2],
  ] as const;
  expect(await planned(told)).toEqual(["/api/pitches", "/api/genres", "/api/pitches?genre=drama"]);
  expect(await planned([...told].reverse())).toEqual(["/api/pitches", "/api/genres", "/api/pitches?genre=drama"]);
});

test("a path that somebody names is warmed in the present version", async () => {
  expect(await planned([], { paths: ["/api/pitches#2", "/api/pitches?genre=drama"] })).toEqual([
    "/api/pitches",
    "/api/pitches?genre=drama",
  ]);
});

test("what another run has claimed in an older version is left to it", async () => {
  const told = [
    ["/api/pitches", 4],
    ["/api/genres", 5],
  ] as const;
  expect(await planned(told, { joined: ["/api/pitches"] })).toEqual(["/api/genres"]);
});
