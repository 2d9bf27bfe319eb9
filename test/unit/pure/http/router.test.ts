import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { Route } from "../../../../src/http/route.ts";
import { createRouter } from "../../../../src/http/router.ts";
import { accounts, call, JSON_TYPE, problemOf, route } from "./call.ts";

const text = z.object({ said: z.string() });

const byId = route({
  method: "GET",
  path: "/things/:id",
  summary: "One",
  access: "anonymous",
  params: z.object({ id: z.string() }),
  answers: { 200: text },
  handle: ({ params }) => ({ status: 200, body: { said: `one ${params.id}` } }),
});

function fixed(method: Route["method"], path: string): Route {
  return route({
    method,
    path,
    summary: "",
    access: "anonymous",
    answers: { 200: text },
    handle: () => ({ status: 200, body: { said: `${method} ${path}` }, headers: { "X-Own": "yes" } }),
  });
}

/** The path with a parameter stands first, so that the order of the table is seen not to matter. */
const ROUTES = [
  byId,
  fixed("GET", "/things"),
  fixed("POST", "/things"),
  fixed("GET", "/things/search"),
  fixed("PATCH", "/things/:id"),
  fixed("POST", "/things/:id/hide"),
];

describe("a router", () => {
  test.for([
    ["GET", "/things", 200, "GET /things"],
    ["GET", "/things/", 200, "GET /things"],
    ["POST", "/things", 200, "POST /things"],
    ["GET", "/things/search", 200, "GET /things/search"],
    ["GET", "/things/search/", 200, "GET /things/search"],
    ["GET", "/things/7", 200, "one 7"],
    ["GET", "/things/a%20b", 200, "one a b"],
    ["GET", "/things/%C3%A9", 200, "one é"],
    ["PATCH", "/things/7", 200, "PATCH /things/:id"],
    ["POST", "/things/7/hide", 200, "POST /things/:id/hide"],
  ] as const)("finds %s %s", async ([method, path, status, said]) => {
    const reply = await call(ROUTES, path, { method });
    expect([reply.status, JSON.parse(reply.text).said]).toEqual([status, said]);
  });

  test.for([
    ["GET", "/"],
    ["GET", "/thing"],
    ["GET", "/thingss"],
    ["GET", "/THINGS"],
    ["GET", "/things/7/hide/more"],
    ["POST", "/nowhere"],
    ["OPTIONS", "/nowhere"],
    ["HEAD", "/nowhere"],
    ["GET", "/things/%ff"],
    ["GET", "/things/%"],
    ["GET", "/things/%00"],
    ["GET", "/things//7"],
  ] as const)("finds nothing at %s %s", async ([method, path]) => {
    const reply = await call(ROUTES, path, { method });
    expect(reply.status).toBe(404);
    if (method !== "HEAD") expect(problemOf(reply).slug).toBe("not-found");
    expect(reply.reported).toEqual([]);
  });

  test.for([
    ["DELETE", "/things", "GET, HEAD, OPTIONS, POST"],
    ["PUT", "/things/", "GET, HEAD, OPTIONS, POST"],
    ["PURGE", "/things", "GET, HEAD, OPTIONS, POST"],
    ["DELETE", "/things/7", "GET, HEAD, OPTIONS, PATCH"],
    ["GET", "/things/7/hide", "OPTIONS, POST"],
    ["HEAD", "/things/7/hide", "OPTIONS, POST"],
  ] as const)("refuses %s %s and says what is allowed", async ([method, path, allow]) => {
    const reply = await call(ROUTES, path, { method });
    expect([reply.status, reply.headers.get("allow")]).toEqual([405, allow]);
    if (method !== "HEAD") expect(problemOf(reply).slug).toBe("method-not-allowed");
  });

  test("answers OPTIONS without a body and with the methods", async () => {
    const { status, headers, text: body } = await call(ROUTES, "/things/7", { method: "OPTIONS" });
    expect([status, headers.get("allow"), body]).toEqual([204, "GET, HEAD, OPTIONS, PATCH", ""]);
  });

  test("answers HEAD as GET, without the body", async () => {
    const [head, get] = await Promise.all([call(ROUTES, "/things", { method: "HEAD" }), call(ROUTES, "/things")]);
    expect([head.status, head.text]).toEqual([200, ""]);
    for (const [name, value] of get.headers) {
      if (name !== "x-request-id") expect(head.headers.get(name), name).toBe(value);
    }
  });

  test("answers HEAD of a problem without the body too", async () => {
    const { status, text: body, headers } = await call(ROUTES, "/nowhere", { method: "HEAD" });
    expect([status, body, headers.get("content-type")]).toEqual([404, "", "application/problem+json"]);
  });

  test("lets the interceptor answer first, and goes on where it has nothing to say", async () => {
    const intercept = (_request: Request, url: URL) => (url.pathname === "/things" ? new Response("mine") : undefined);
    expect((await call(ROUTES, "/things", { services: { intercept } })).text).toBe("mine");
    expect((await call(ROUTES, "/things/7", { services: { intercept } })).text).toContain("one 7");
  });

  test("answers and reports a handler that throws, without a word of what it threw", async () => {
    const boom = new Error("SELECT secret FROM vault");
    const broken = route({
      method: "GET",
      path: "/broken",
      summary: "",
      access: "anonymous",
      answers: { 204: null },
      handle: () => Promise.reject(boom),
    });
    const reply = await call([broken], "/broken");
    expect([reply.status, problemOf(reply).slug, reply.reported]).toEqual([500, "internal-error", [boom]]);
    expect(reply.text).not.toContain("vault");
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("a table of routes with a mistake fails at the start", () => {
  const sound = { method: "POST", path: "/x", summary: "", answers: { 204: null } } as const;
  const handle = () => ({ status: 204 }) as const;

  test("where a body's schema lets unknown fields in", () => {
    const open = route({ ...sound, access: "anonymous", body: z.object({ a: z.string() }), handle });
    expect(() => createRouter({ routes: [open], accounts })).toThrow(
      "POST /x: the body's schema must be a strict object",
    );
  });

  test("where a query's schema is no object", () => {
    const open = route({ ...sound, access: "anonymous", query: z.string(), handle });
    expect(() => createRouter({ routes: [open], accounts })).toThrow("POST /x: the query schema must be an object");
  });

  test("where a problem is not registered", () => {
    const open = route({ ...sound, access: "anonymous", problems: ["no-such"], handle });
    expect(() => createRouter({ routes: [open], accounts })).toThrow('no problem is registered as "no-such"');
  });

  test("where an answer is shared that has no body, or is no success", () => {
    const shared = {
      fresh: { floor: 1, ceiling: 1 },
      staleWhileRevalidate: 1,
      staleIfError: 1,
      tags: () => ["x"],
      answer: async () => ({ status: 200, body: "x" }) as const,
    } as const;
    for (const answers of [
      { 200: z.string(), 204: null },
      { 200: z.string(), 404: z.string() },
    ]) {
      const share = () => route({ method: "GET", path: "/x", summary: "", access: "anonymous", answers, shared });
      expect(share).toThrow(/GET \/x: what is shared has a 2xx status and a body, and (204|404)/);
    }
  });

  test("where an idempotency key would belong to nobody", () => {
    expect(() => route({ ...sound, access: "optional", idempotent: true, handle })).toThrow("only signed-in routes");
  });
});

test("a request is answered in time whatever its headers and query repeat", async () => {
  const strict = route({
    method: "POST",
    path: "/x",
    summary: "",
    access: "anonymous",
    query: z.object({ a: z.optional(z.string()) }),
    body: z.strictObject({}),
    answers: { 204: null },
    handle: () => ({ status: 204 }),
  });
  // Quadratic work on either takes half a minute and more; linear work takes milliseconds.
  const startedAt = performance.now();
  const headers = { ...JSON_TYPE, "Content-Type": `application/json${" ".repeat(120_000)}x` };
  const spaces = await call([strict], "/x", { method: "POST", body: "{}", headers });
  const query = await call([strict], `/x?${"b=1&".repeat(100_000)}`, {
    method: "POST",
    body: "{}",
    headers: JSON_TYPE,
  });
  const twice = await call([strict], `/x?${"a=1&".repeat(100_000)}`, {
    method: "POST",
    body: "{}",
    headers: JSON_TYPE,
  });
  expect([spaces.status, query.status, twice.status]).toEqual([415, 204, 400]);
  expect(problemOf(twice).fields).toHaveLength(20);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
