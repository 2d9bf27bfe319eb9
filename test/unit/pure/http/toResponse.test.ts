import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../../src/config.ts";
import { DatabaseError, type DatabaseErrorCode } from "../../../../src/database/errors.ts";
import { ProblemError } from "../../../../src/http/problem.ts";
import { CORE_PROBLEMS } from "../../../../src/http/problems.ts";
import { type Asking, call, failingDatabase, problemOf, route } from "./call.ts";

const reads = route({
  method: "GET",
  path: "/reads",
  summary: "",
  access: "anonymous",
  answers: { 204: null },
  handle: async ({ database }) => {
    await database.read({ name: "things.list", text: "SELECT 1", values: [] });
    return { status: 204 };
  },
});

/** What a client gets when the database, or the handler, throws this. */
function thrown(error: unknown, asking: Asking = {}) {
  return call([reads], "/reads", { ...asking, services: { database: failingDatabase(error) } });
}

const SECRET = "could not connect to 10.0.0.7: password authentication failed for user neondb_owner";

describe("a failure of the database", () => {
  const mark = "0198c0de-0000-7000-8000-000000000001";

  test.for([
    ["unavailable", 503, "unavailable", "1", 0],
    ["deadline", 503, "deadline-exceeded", "1", 0],
    ["unknown-outcome", 503, "unknown-outcome", "2", 0],
    ["idempotency-reused", 422, "idempotency-key-reused", null, 0],
    ["idempotency-busy", 409, "idempotency-key-busy", "1", 0],
    ["configuration", 503, "misconfigured", "30", 1],
    ["query", 500, "internal-error", null, 1],
  ] as const satisfies readonly (readonly [DatabaseErrorCode, number, string, string | null, number])[])(
    "with the code %s is answered %d %s",
    async ([code, status, slug, retryAfter, reports]) => {
      const reply = await thrown(new DatabaseError(code, SECRET, { query: "things.list", cause: new Error(SECRET) }));
      expect([reply.status, problemOf(reply).slug, reply.headers.get("retry-after")]).toEqual([
        status,
        slug,
        retryAfter,
      ]);
      expect(reply.reported).toHaveLength(reports);
      expect(reply.text).not.toMatch(/10\.0\.0\.7|neondb|things\.list|SELECT|at .*\.ts/);
    },
  );

  test("names the write whose outcome is unknown, and nothing else's", async () => {
    expect(problemOf(await thrown(new DatabaseError("unknown-outcome", SECRET, { mark }))).body.outcome).toBe(mark);
    expect(problemOf(await thrown(new DatabaseError("unavailable", SECRET, { mark }))).body).not.toHaveProperty(
      "outcome",
    );
  });

  test.for([
    [1, "1"],
    [1_000, "1"],
    [1_001, "2"],
    [0, "1"],
    [-5, "1"],
    [59_999, "60"],
    [Number.NaN, "1"],
    [Number.POSITIVE_INFINITY, "1"],
  ] as const)("to be repeated after %d ms says %s seconds", async ([retryAfterMs, seconds]) => {
    const reply = await thrown(new DatabaseError("unavailable", SECRET, { retryAfterMs }));
    expect(reply.headers.get("retry-after")).toBe(seconds);
  });

  test("is told by name and code when its prototype was lost on the way", async () => {
    const plain = { name: "DatabaseError", code: "unknown-outcome", message: SECRET, mark };
    const reply = await thrown(plain);
    expect([reply.status, problemOf(reply).slug, problemOf(reply).body.outcome]).toEqual([
      503,
      "unknown-outcome",
      mark,
    ]);
  });
});

describe("what is not a known failure", () => {
  test.for([
    [
      "an error with a driver's fields",
      Object.assign(new Error(SECRET), { code: "28P01", detail: SECRET, table: SECRET }),
    ],
    ["an error that calls itself the database's", { name: "DatabaseError", code: "brand-new", message: SECRET }],
    ["an inherited name as code", { name: "DatabaseError", code: "toString", message: SECRET }],
    ["an unregistered problem", new ProblemError("no-such-problem", { detail: SECRET })],
    ["an inherited name as problem", new ProblemError("toString", { detail: SECRET })],
    ["a string", SECRET],
    ["nothing", undefined],
    ["null", null],
  ])("%s is answered as our mistake, reported, and kept to ourselves", async ([, error]) => {
    const reply = await thrown(error);
    expect([reply.status, problemOf(reply).slug, reply.reported]).toEqual([500, "internal-error", [error]]);
    expect(Object.keys(problemOf(reply).body).sort()).toEqual(["instance", "requestId", "status", "title", "type"]);
  });

  test("a configuration with a mistake is answered 503, without the sentence that names it", async () => {
    const error = new ConfigError("The secret DATABASE_URL_PRIMARY of node-1 is missing.");
    const reply = await thrown(error);
    expect([reply.status, problemOf(reply).slug, reply.reported]).toEqual([503, "misconfigured", [error]]);
    expect(reply.headers.get("retry-after")).toBe("30");
    expect(reply.text).not.toContain("DATABASE_URL");
  });
});

describe("a problem", () => {
  test("has every member that RFC 9457 and the contract name", async () => {
    const errors = [{ field: "name", message: "must be text" }];
    const error = new ProblemError("invalid-request", { detail: "Look again.", errors });
    const reply = await thrown(error, { headers: { "cf-ray": "ray-1" } });
    expect(problemOf(reply).body).toEqual({
      type: "/problems/invalid-request",
      title: CORE_PROBLEMS["invalid-request"].title,
      status: 400,
      detail: "Look again.",
      instance: "/reads",
      requestId: "ray-1",
      errors,
    });
    expect(reply.headers.get("x-request-id")).toBe("ray-1");
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.reported).toEqual([]);
  });

  test("of the application is answered as the application registered it", async () => {
    const problems = { "sold-out": { status: 410, title: "Sold out", meaning: "Too late." } };
    const error = new ProblemError("sold-out", { headers: { "X-Own": "1" }, extra: { until: "never" } });
    const reply = await thrown(error, { problems });
    expect([reply.status, reply.headers.get("x-own")]).toEqual([410, "1"]);
    expect(problemOf(reply).body).toMatchObject({ type: "/problems/sold-out", title: "Sold out", until: "never" });
  });

  test("of 401 says how to sign in", async () => {
    expect((await thrown(new ProblemError("unauthenticated"))).headers.get("www-authenticate")).toBe("Bearer");
  });
});
