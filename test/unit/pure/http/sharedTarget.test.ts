import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { createRouter } from "../../../../src/http/router.ts";
import { accounts, problems, routes } from "../../../../src/marketplace/index.ts";
import { accounts as anyAccounts, problemOf, route } from "./call.ts";
import { sharedVisits } from "./sharedVisits.ts";

const router = createRouter({ routes, accounts, problems });
const ID = "0198c0de-0000-7000-8000-00000000000a";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";

/** How many answers the marketplace's routes made of these paths, all asked of one isolate. */
async function loadsOf(paths: readonly string[]): Promise<number> {
  const { visit, state, colo } = sharedVisits(routes);
  state.database = "has nothing";
  for (const path of paths) expect((await visit(path, { problems })).status, path).toBeLessThan(405);
  expect(state.reads.length).toBeGreaterThanOrEqual(colo.held.size);
  return colo.held.size;
}

describe("one answer", () => {
  test.for<[string, string, readonly string[]]>([
    [
      "for parameters in any order",
      "/api/pitches?genre=drama&stage=script&sort=popular",
      ["/api/pitches?sort=popular&stage=script&genre=drama", "/api/pitches?stage=script&sort=popular&genre=drama"],
    ],
    [
      "for what is not given and what has its default",
      "/api/pitches",
      ["/api/pitches?", "/api/pitches?sort=newest", "/api/pitches?limit=20", "/api/pitches?limit=20&sort=newest"],
    ],
    [
      "for numbers however they are written",
      "/api/pitches?limit=50",
      ["/api/pitches?limit=050", "/api/pitches?limit=%35%30", "/api/pitches?limit=50.0", "/api/pitches?limit=+50"],
    ],
    [
      "with and without what trackers add, whatever it holds",
      "/api/pitches?genre=drama",
      [
        "/api/pitches?utm_source=x&genre=drama&utm_medium=y",
        "/api/pitches?genre=drama&fbclid=%ff&gclid=1&gclid=2",
        "/api/pitches?&&genre=drama&",
        "/api/pitches?Genre=comedy&genre=drama",
        "/api/pitches?__proto__=x&genre=drama",
      ],
    ],
    [
      "for a search in any case and any blanks",
      "/api/pitches/search?q=a%20lost%20star",
      [
        "/api/pitches/search?q=A+Lost+STAR",
        "/api/pitches/search?q=a%09lost%20%20%20star",
        "/api/pitches/search?q=%41%20lost%20star&limit=20",
      ],
    ],
    [
      "for an id in any case, and a path in any spelling of it",
      `/api/users/${ID}/pitches`,
      [`/api/users/${ID.toUpperCase()}/pitches`, `/api/users/${ID}/pitches/`, `/api/users/%30${ID.slice(1)}/pitches`],
    ],
  ])("%s", async ([, path, others]) => {
    const key = router.sharedTarget(path)?.key;
    expect(key).toBeDefined();
    for (const other of others) expect(router.sharedTarget(other)?.key, other).toBe(key);
    expect(await loadsOf([path, ...others])).toBe(1);
    // The key is the URL that asks for it.
    expect(router.sharedTarget(key ?? "")?.key).toBe(key);
  });
});

test("the shortest of its URLs is the answer's key", () => {
  expect(router.sharedTarget("/api/pitches?limit=20&sort=newest&utm_source=x")?.key).toBe("/api/pitches");
});

test.for<[string, readonly string[]]>([
  [
    "of different values",
    ["/api/pitches?genre=drama", "/api/pitches?genre=comedy", "/api/pitches?limit=50", "/api/pitches?sort=popular"],
  ],
  [
    "of different searches",
    [
      "/api/pitches/search?q=star",
      "/api/pitches/search?q=stars",
      "/api/pitches/search?q=s%20tar",
      "/api/pitches/search?q=st%C3%A4r",
    ],
  ],
  [
    "of a value under another name",
    ["/api/pitches?genre=drama", "/api/pitches?stage=script", "/api/pitches/search?q=drama"],
  ],
  ["of one person and another", [`/api/users/${ID}`, `/api/users/${OTHER}`]],
  [
    "of a person, his pitches, and a pitch of the same id",
    [`/api/users/${ID}`, `/api/users/${ID}/pitches`, `/api/pitches/${ID}`],
  ],
  [
    "of a list and a search for what looks like its query",
    ["/api/pitches?genre=drama", "/api/pitches/search?q=%3Fgenre%3Ddrama"],
  ],
])("answers are as many as there are questions: %s", async ([, paths]) => {
  const keys = paths.map((path) => router.sharedTarget(path)?.key);
  expect(new Set(keys).size).toBe(paths.length);
  expect(keys).not.toContain(undefined);
});

test.for([
  "/api/pitches?genre=drama&genre=comedy",
  "/api/pitches?limit=0",
  "/api/pitches?limit=1e9",
  "/api/pitches?genre=Drama",
  "/api/pitches/search?q=",
  "/api/pitches/search?q=%00",
  "/api/pitches/search?q=%ff",
  `/api/pitches/search?q=${"x".repeat(201)}`,
])("what is refused has no answer to keep: %s", async (path) => {
  const { visit, colo, state } = sharedVisits(routes);
  const reply = await visit(path, { problems });
  expect([reply.status, problemOf(reply).slug, reply.headers.get("cache-control")]).toEqual([
    400,
    "invalid-request",
    "no-store",
  ]);
  expect([colo.held.size, state.reads.length]).toEqual([0, 0]);
  expect(() => router.sharedTarget(path)).toThrow("invalid-request");
});

describe("a path that somebody wants warmed", () => {
  test.for([
    "/api/auth/me",
    "/api/nothing",
    "/health",
    "/admin/cache",
    "https://evil.example/api/pitches",
    "//evil.example/api/pitches",
    "\\\\evil.example/api/pitches",
    "/\\:",
    "",
  ])("is shared with nobody: %s", (path) => {
    expect(router.sharedTarget(path)).toBeUndefined();
  });

  test("of an id that is none is told as a visitor would be", () => {
    for (const id of ["x", "%00", "%", `${ID}x`]) {
      expect(() => router.sharedTarget(`/api/pitches/${id}`), id).toThrow("not-found");
    }
  });

  test("is what the first route that takes it shares: an account's own before anybody's", () => {
    const table = [
      route({
        method: "GET",
        path: "/things/:id",
        summary: "",
        access: "anonymous",
        params: z.object({ id: z.string() }),
        answers: { 200: z.unknown() },
        shared: {
          fresh: { floor: 1, ceiling: 1 },
          staleWhileRevalidate: 1,
          staleIfError: 1,
          tags: () => ["things"],
          answer: async () => ({ status: 200 as const, body: null }),
        },
      }),
      route({
        method: "GET",
        path: "/things/mine",
        summary: "",
        access: "signed-in",
        answers: { 200: z.unknown() },
        handle: () => ({ status: 200, body: null }),
      }),
    ];
    const own = createRouter({ routes: table, accounts: anyAccounts });
    expect(own.sharedTarget("/things/mine")).toBeUndefined();
    expect(own.sharedTarget("/things/yours")?.key).toBe("/things/%79ours");
  });
});

/** A table of one list, whose answers are of this version. */
function listOf(shared: object = {}) {
  return [
    route({
      method: "GET",
      path: "/things",
      summary: "",
      access: "anonymous",
      query: z.object({ kind: z.optional(z.string()) }),
      answers: { 200: z.unknown() },
      shared: {
        fresh: { floor: 1, ceiling: 900 },
        staleWhileRevalidate: 3_600,
        staleIfError: 86_400,
        tags: () => ["things"],
        answer: async () => ({ status: 200 as const, body: null }),
        ...shared,
      },
    }),
  ];
}

test("a key of whatever version asks for the present one", () => {
  const keyIn = (path: string, version: number) =>
    createRouter({ routes: listOf({ version }), accounts: anyAccounts }).sharedTarget(path)?.key;
  expect(keyIn("/things?kind=a", 1)).toBe("/things?kind=a");
  for (const told of ["/things?kind=a", "/things?kind=a#2", "/things?kind=a#7"]) {
    expect(keyIn(told, 3)).toBe("/things?kind=a#3");
  }
});

test("an answer of a raised version is loaded, though the old one lies there", async () => {
  const { visit, colo } = sharedVisits(listOf());
  await visit("/things");
  const raised = sharedVisits(listOf({ version: 2 }));
  for (const [key, entry] of colo.held) raised.colo.held.set(key, entry);
  expect((await raised.visit("/things")).headers.get("cache-status")).toContain("detail=cold");
  expect([...raised.colo.held.keys()]).toEqual(["/things", "/things#2"]);
});

describe("what a route says of how it is shared", () => {
  test.for([0, -1, 1.5, Number.NaN])("may have no version %s", (version) => {
    expect(() => listOf({ version })).toThrow("GET /things: the version of a shared answer is a whole number from 1");
  });

  test("may not keep copies for longer than a session's writes are remembered", () => {
    expect(() => listOf({ staleWhileRevalidate: 3_601 })).toThrow(
      "GET /things: fresh.ceiling (900 s) and staleWhileRevalidate (3601 s) are 4501 s together, at most 4500 s",
    );
    expect(() => listOf({ staleWhileRevalidate: 3_600 })).not.toThrow();
  });
});
