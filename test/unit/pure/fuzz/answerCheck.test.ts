import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { CORE_PROBLEMS } from "../../../../src/http/problems.ts";
import { answerCheck } from "../../../../tools/fuzz/answerCheck.ts";
import { openApi } from "../../../../tools/generate/openApi.ts";
import { call, JSON_TYPE, route, SIGNED_IN } from "../http/call.ts";

const thing = z.object({ id: z.uuid(), made: z.iso.datetime() });
const ID = "0198c0de-0000-7000-8000-000000000001";
const GOOD = { id: ID, made: "2026-11-01T12:00:00.000Z" };

/** Routes whose handlers answer what a test wants, whatever they declare. */
function routesThat(answer: { status: number; body?: unknown; headers?: Record<string, string> }) {
  const handle = () => answer as never;
  return [
    route({ method: "GET", path: "/api/things", summary: "a", access: "anonymous", answers: { 200: thing }, handle }),
    route({
      method: "POST",
      path: "/api/things",
      summary: "b",
      access: "signed-in",
      body: z.strictObject({ name: z.string() }),
      answers: { 201: thing, 204: null },
      headers: ["Location"],
      handle,
    }),
    route({
      method: "GET",
      path: "/api/things/:id",
      summary: "c",
      access: "anonymous",
      params: z.object({ id: z.uuid() }),
      answers: { 200: thing },
      handle,
    }),
  ];
}

const check = answerCheck(
  openApi({
    info: { title: "Things", version: "1" },
    routes: routesThat({ status: 200 }),
    problems: CORE_PROBLEMS,
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
  }),
);

/** What the check says of a real router's answer. */
async function complaintsOf(
  answer: Parameters<typeof routesThat>[0],
  { method = "GET", path = "/api/things", body }: { method?: string; path?: string; body?: string } = {},
) {
  const headers = { ...SIGNED_IN, ...(body === undefined ? {} : JSON_TYPE) };
  const asked = { method, headers, ...(body === undefined ? {} : { body }) };
  const reply = await call(routesThat(answer), path, asked);
  return check({ method, path, ...reply });
}

const POST = { method: "POST", body: '{"name":"a"}' };

describe("an answer is as documented", () => {
  test.for([
    ["a body that fits its schema", { status: 200, body: GOOD }, {}],
    ["no body to HEAD", { status: 200, body: GOOD }, { method: "HEAD" }],
    ["a header that the route declares", { status: 201, body: GOOD, headers: { Location: `/api/things/${ID}` } }, POST],
    ["no body where there is none", { status: 204 }, POST],
    ["a problem of the route", { status: 200 }, { ...POST, body: "{}" }],
    ["404 for a malformed id", { status: 200 }, { path: "/api/things/1" }],
    ["404 where no route is", { status: 200 }, { path: "/api/nothing" }],
    ["405 for another method", { status: 200 }, { method: "DELETE" }],
    ["204 for OPTIONS", { status: 200 }, { method: "OPTIONS" }],
    ["anything beside the documented paths", { status: 200 }, { path: "/health" }],
  ] as const)("%s", async ([, answer, question]) => {
    expect(await complaintsOf(answer, question)).toEqual([]);
  });
});

describe("an answer is off the document", () => {
  test.for([
    ["with a status that is not documented", { status: 202, body: GOOD }, {}, "the status is not documented"],
    ["with a property more", { status: 200, body: { ...GOOD, secret: 1 } }, {}, 'additional properties: "secret"'],
    ["with a property less", { status: 200, body: { id: ID } }, {}, "required property 'made'"],
    ["with a time in another zone", { status: 200, body: { ...GOOD, made: "2026-11-01T12:00:00+02:00" } }, {}, "/made"],
    ["with an id that is none", { status: 200, body: { ...GOOD, id: "1" } }, {}, "/id must match format"],
    ["without a body", { status: 200 }, {}, "the body is nothing where application/json"],
    ["with a body where there is none", { status: 204, headers: { "X-A": "1" }, body: undefined }, POST, undefined],
    ["with a header it does not declare", { status: 200, body: GOOD, headers: { Location: "/b" } }, {}, "Location"],
  ] as const)("%s", async ([, answer, question, complaint]) => {
    const complaints = await complaintsOf(answer, question);
    if (complaint === undefined) expect(complaints).toEqual([]);
    else expect(complaints.join("\n")).toContain(complaint);
  });

  const problem = {
    type: "/problems/not-found",
    title: "There is nothing here",
    status: 404,
    instance: "/api/things/1",
    requestId: "r",
  };
  const answerOf = (status: number, body: object) => ({
    method: "GET",
    path: "/api/things/1",
    status,
    headers: new Headers({ "Content-Type": "application/problem+json", "X-Request-Id": "r", "Server-Timing": "t" }),
    text: JSON.stringify(body),
  });
  test.for([
    ["with a problem of another status", 500, problem, "/type must be equal"],
    [
      "with another problem than the status has",
      404,
      { ...problem, type: "/problems/forbidden" },
      "/type must be equal",
    ],
    ["with a problem that tells more", 404, { ...problem, stack: "at a.ts:1" }, 'unevaluated properties: "stack"'],
    ["with a problem about another path", 404, { ...problem, instance: "/api/things/2" }, "instance"],
    ["with a problem of another request", 404, { ...problem, requestId: "q" }, "requestId"],
    ["with fields but no invalid request", 404, { ...problem, errors: [] }, 'unevaluated properties: "errors"'],
  ] as const)("%s", ([, status, body, complaint]) => {
    expect(check(answerOf(404, problem))).toEqual([]);
    expect(check(answerOf(status, body)).join("\n")).toContain(complaint);
  });

  test("where no operation is, and something answers all the same", () => {
    const answer = { ...answerOf(200, {}), path: "/api/secrets" };
    expect(check(answer)).toEqual(["GET /api/secrets answered 200: no operation is documented, so it should be 404"]);
    expect(check({ ...answer, path: "/api/things", method: "PUT" }).join()).toContain("lacks the header Allow");
  });
});

test.for([
  ["of workerd itself, which no Worker saw, is no finding", "ERROR: header too large.", 0],
  ["of ours is one", "too large", 1],
] as const)("an undocumented 431 %s", ([, text, findings]) => {
  const headers = new Headers({ "Content-Type": "text/plain" });
  expect(check({ method: "GET", path: "/api/things?a=1", status: 431, headers, text })).toHaveLength(findings);
});
