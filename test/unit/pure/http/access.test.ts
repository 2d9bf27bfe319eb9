import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { DatabaseError } from "../../../../src/database/errors.ts";
import type { Accounts } from "../../../../src/http/accounts.ts";
import type { Access, Route } from "../../../../src/http/route.ts";
import { createRouter } from "../../../../src/http/router.ts";
import { accounts, call, failingDatabase, NOW, problemOf, route } from "./call.ts";

/** Answers who came in, and how fresh their reads are. */
function whoIs(access: Access, method: Route["method"] = "GET"): Route {
  const handle = async ({ account, freshness }: { account: { id: string } | null; freshness: unknown }) =>
    ({ status: 200, body: `${account?.id ?? "nobody"} ${freshness}` }) as const;
  return route({ method, path: "/who", summary: "", access, answers: { 200: z.unknown() }, handle });
}

const GOOD = { Authorization: "Bearer good" };
const BAD = { Authorization: "Bearer bad" };
const COOKIE = { Cookie: "session=good" };

describe("who enters", () => {
  test.for([
    ["anonymous", {}, 200, "nobody any"],
    ["anonymous", GOOD, 200, "nobody strict"],
    ["anonymous", BAD, 200, "nobody strict"],
    ["optional", {}, 200, "nobody any"],
    ["optional", BAD, 200, "nobody any"],
    ["optional", GOOD, 200, "ada strict"],
    ["optional", COOKIE, 200, "ada strict"],
    ["signed-in", {}, 401, "unauthenticated"],
    ["signed-in", BAD, 401, "unauthenticated"],
    ["signed-in", GOOD, 200, "ada strict"],
    ["signed-in", COOKIE, 200, "ada strict"],
  ] as const)("a %s route with %o: %d %s", async ([access, headers, status, answer]) => {
    const reply = await call([whoIs(access)], "/who", { headers });
    expect(reply.status).toBe(status);
    if (status === 200) expect(JSON.parse(reply.text)).toBe(answer);
    else expect(problemOf(reply).slug).toBe(answer);
  });

  test("nobody, as long as who it is cannot be found out", async () => {
    const failing: Accounts = {
      ...accounts,
      accountOf: async (_credential, database) => {
        await database.read({ name: "accounts.session", text: "SELECT 1", values: [] });
        return { id: "ada" };
      },
    };
    const router = createRouter({ routes: [whoIs("optional")], accounts: failing });
    const response = await router.fetch(new Request("https://app.example/who", { headers: GOOD }), {
      database: failingDatabase(new DatabaseError("unavailable", "no node answered")),
      now: () => NOW,
      waitUntil: () => {},
      exposesRoute: false,
      report: () => {},
    });
    expect(response.status).toBe(503);
  });
});

describe("a changing request", () => {
  const SAME = { Origin: "https://app.example" };
  const FOREIGN = { Origin: "https://evil.example" };

  test.for([
    ["by bearer token", { ...GOOD, ...FOREIGN }, 200],
    ["by cookie and of this origin", { ...COOKIE, ...SAME }, 200],
    ["by cookie and without an origin", COOKIE, 403],
    ["by cookie and of another origin", { ...COOKIE, ...FOREIGN }, 403],
    ["by cookie and of an opaque origin", { ...COOKIE, Origin: "null" }, 403],
    ["by cookie and of a longer host", { ...COOKIE, Origin: "https://app.example.evil.example" }, 403],
    ["by cookie and of another port", { ...COOKIE, Origin: "https://app.example:8443" }, 403],
    ["by cookie and same-origin by Fetch Metadata", { ...COOKIE, "Sec-Fetch-Site": "same-origin" }, 200],
    ["by cookie and same-site by Fetch Metadata", { ...COOKIE, "Sec-Fetch-Site": "same-site" }, 200],
    ["by cookie and cross-site by Fetch Metadata", { ...COOKIE, ...SAME, "Sec-Fetch-Site": "cross-site" }, 403],
    ["by cookie and typed into the address bar", { ...COOKIE, "Sec-Fetch-Site": "none" }, 403],
  ] as const)("%s is answered as it should be", async ([, headers, status]) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
      const reply = await call([whoIs("signed-in", method)], "/who", { method, headers });
      expect(reply.status, method).toBe(status);
      if (status === 403) expect(problemOf(reply).slug).toBe("cross-site-request");
    }
  });

  test("that only looks needs no origin", async () => {
    for (const method of ["GET", "HEAD"]) {
      expect((await call([whoIs("signed-in")], "/who", { method, headers: { ...COOKIE, ...FOREIGN } })).status).toBe(
        200,
      );
    }
  });
});
