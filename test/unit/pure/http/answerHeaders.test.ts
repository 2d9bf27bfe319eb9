import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { Route as DatabaseRoute } from "../../../../src/database/database.ts";
import type { Access } from "../../../../src/http/route.ts";
import { call, failingDatabase, NOW, route, SIGNED_IN } from "./call.ts";

function things(access: Access, headers?: Record<string, string>) {
  return route({
    method: "GET",
    path: "/things",
    summary: "",
    access,
    answers: { 200: z.unknown() },
    handle: () => ({ status: 200, body: [], ...(headers && { headers }) }),
  });
}

const ROUTES: readonly DatabaseRoute[] = [
  { node: "node-3", reason: "any", ageMs: 7 },
  { node: "node-2", reason: "retry", ageMs: 119.6 },
];

describe("every answer", () => {
  test.for(["/things", "/nowhere"])("carries the security headers: %s", async (path) => {
    const { headers } = await call([things("anonymous")], path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("asks for https only where it came by https", async () => {
    const { headers } = await call([things("anonymous")], "/things", { origin: "http://127.0.0.1:8787" });
    expect(headers.has("strict-transport-security")).toBe(false);
  });

  test("to somebody who is known may be kept by nobody, whatever its route says of caches in front of us", async () => {
    const shared = things("anonymous", { "Cache-Control": "public", "CDN-Cache-Control": "public, max-age=10" });
    const of = async (headers: Record<string, string>) => {
      const answer = await call([shared], "/things", { headers });
      return ["cache-control", "cdn-cache-control"].map((name) => answer.headers.get(name));
    };
    expect(await of({})).toEqual(["public", "public, max-age=10"]);
    expect(await of(SIGNED_IN)).toEqual(["private, no-store", null]);
  });

  test("keeps a handler's own policy, for pages that need one", async () => {
    const { headers } = await call(
      [things("anonymous", { "Content-Security-Policy": "script-src 'self'" })],
      "/things",
    );
    expect(headers.get("content-security-policy")).toBe("script-src 'self'");
  });

  test("says how long it took, and which queries", async () => {
    const times = [NOW, NOW + 12.34];
    const now = () => times.shift() ?? NOW;
    const database = failingDatabase(new Error("unused"), ROUTES);
    const { headers } = await call([things("anonymous")], "/things", { services: { now, database } });
    const db = 'db;desc="things.list";dur=4.3';
    expect(headers.get("server-timing")).toBe(`total;dur=12.3, ${db}, ${db}`);
  });
});

describe("which node answered", () => {
  test.for([
    [true, ROUTES, "node-2;reason=retry;age=120"],
    [true, [], null],
    [false, ROUTES, null],
  ] as const)("exposed: %o, asked: %o, header: %s", async ([exposesRoute, routes, field]) => {
    const database = failingDatabase(new Error("unused"), routes);
    for (const path of ["/things", "/nowhere"]) {
      const { headers } = await call([things("anonymous")], path, { services: { database, exposesRoute } });
      expect(headers.get("breakwater-route")).toBe(field);
    }
  });
});

describe("who may keep an answer", () => {
  test.for([
    ["anonymous", {}, "no-store", null],
    ["anonymous", SIGNED_IN, "private, no-store", null],
    ["optional", {}, "no-store", "Cookie, Authorization, Breakwater-Session"],
    ["optional", SIGNED_IN, "private, no-store", "Cookie, Authorization, Breakwater-Session"],
    ["signed-in", SIGNED_IN, "private, no-store", "Cookie, Authorization, Breakwater-Session"],
  ] as const)("of a %s route with %o: %s", async ([access, headers, cacheControl, vary]) => {
    const reply = await call([things(access)], "/things", { headers });
    expect([reply.headers.get("cache-control"), reply.headers.get("vary")]).toEqual([cacheControl, vary]);
  });

  test("nobody, of a signed-in route's refusal", async () => {
    const reply = await call([things("signed-in")], "/things");
    expect([reply.status, reply.headers.get("cache-control")]).toEqual([401, "private, no-store"]);
  });

  test("nobody, of an account's answer, even where the handler says otherwise", async () => {
    const lax = things("signed-in", { "Cache-Control": "public, max-age=60" });
    expect((await call([lax], "/things", { headers: SIGNED_IN })).headers.get("cache-control")).toBe(
      "private, no-store",
    );
  });
});
