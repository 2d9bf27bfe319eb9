import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { routes } from "../../../../src/marketplace/index.ts";
import { answerVersions, versionTroubles } from "../../../../tools/generate/answerVersions.ts";
import { route } from "../http/call.ts";

const ITEM = { id: z.uuid(), title: z.string() };

/** The versions of a table with one shared answer of this shape. */
function versionsOf(shape: z.core.$ZodLooseShape, version?: number) {
  const shared = {
    fresh: { floor: 1, ceiling: 1 },
    staleWhileRevalidate: 1,
    staleIfError: 1,
    tags: () => ["things"],
    answer: async () => ({ status: 200 as const, body: {} }),
    ...(version !== undefined && { version }),
  };
  const answers = { 200: z.array(z.object(shape)) };
  const table = { method: "GET", path: "/things", summary: "", access: "anonymous", answers } as const;
  return answerVersions([route({ ...table, shared: shared as never })]);
}

describe("the version of a shared answer", () => {
  test.for<[string, z.core.$ZodLooseShape]>([
    ["has another field", { ...ITEM, likes: z.number() }],
    ["lacks one", { id: z.uuid() }],
    ["has one of another kind", { ...ITEM, title: z.number() }],
    ["has one that may be missing", { ...ITEM, title: z.optional(z.string()) }],
    ["calls one otherwise", { id: z.uuid(), name: z.string() }],
  ])("has to be raised where it %s", ([, shape]) => {
    expect(versionTroubles(versionsOf(ITEM), versionsOf(shape))).toEqual([
      "the answer of GET /things changed: raise its `version`.",
    ]);
    expect(versionTroubles(versionsOf(ITEM), versionsOf(shape, 2))).toEqual([]);
    expect(versionTroubles(versionsOf(ITEM, 2), versionsOf(shape, 2))).toHaveLength(1);
  });

  test.for<[string, z.core.$ZodLooseShape]>([
    ["is described otherwise", { ...ITEM, title: z.string().check(z.describe("What it is called.")) }],
    ["names its fields in another order", { title: z.string(), id: z.uuid() }],
  ])("stays where it %s", ([, shape]) => {
    expect(versionTroubles(versionsOf(ITEM), versionsOf(shape))).toEqual([]);
  });

  test("never goes back", () => {
    expect(versionTroubles(versionsOf(ITEM, 3), versionsOf({ id: z.uuid() }, 2))).toEqual([
      "the `version` of GET /things was 3 already: it must not go back.",
    ]);
  });

  test("of a route that is new, or shared no more, is nobody's trouble", () => {
    expect(versionTroubles({}, versionsOf(ITEM))).toEqual([]);
    expect(versionTroubles(versionsOf(ITEM), {})).toEqual([]);
  });
});

test("all that the marketplace shares has one", () => {
  const shared = routes.filter((each) => each.shared).map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(answerVersions(routes))).toEqual(shared.sort());
});
