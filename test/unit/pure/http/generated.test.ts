import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { CORE_PROBLEMS } from "../../../../src/http/problems.ts";
import { errorsDocument } from "../../../../tools/generate/errorsDocument.ts";
import { openApi } from "../../../../tools/generate/openApi.ts";
import { problemsOf } from "../../../../tools/generate/problemsOf.ts";
import { staleArtefacts } from "../../../../tools/generate/staleArtefacts.ts";
import { route } from "./call.ts";

const problems = { ...CORE_PROBLEMS, "sold-out": { status: 410, title: "Sold out", meaning: "Come earlier." } };

const list = route({
  method: "GET",
  path: "/things",
  summary: "All things",
  access: "anonymous",
  query: z.object({
    limit: z._default(z.coerce.number().check(z.int(), z.gte(1)), 20),
    kind: z.string().check(z.describe("Which things.")),
  }),
  answers: { 200: z.array(z.string()) },
  handle: () => ({ status: 200, body: Array.of("a thing") }),
});

const change = route({
  method: "PATCH",
  path: "/things/:id",
  summary: "Changes a thing",
  access: "signed-in",
  idempotent: true,
  params: z.object({ id: z.uuid() }),
  body: z.strictObject({ name: z.optional(z.string()) }),
  answers: { 204: null },
  headers: ["Location"],
  problems: ["sold-out"],
  handle: () => ({ status: 204 }),
});

const look = route({
  method: "GET",
  path: "/things/:id",
  summary: "One thing",
  access: "optional",
  params: z.object({ id: z.uuid() }),
  answers: { 200: z.object({ id: z.uuid() }) },
  handle: ({ params }) => ({ status: 200, body: params }),
});

const document = openApi({
  info: { title: "Things", version: "1.2.3", description: "" },
  routes: [list, change, look],
  problems,
  securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
});

describe("the OpenAPI document", () => {
  test("has every route, at its path's template", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      paths: {
        "/things": { get: { operationId: "getThings", summary: "All things" } },
        "/things/{id}": { patch: { operationId: "patchThingsById" }, get: { operationId: "getThingsById" } },
      },
    });
  });

  test("says which parameters there are, from where, and which are required", () => {
    expect(document).toHaveProperty(
      ["paths", "/things", "get", "parameters"],
      [
        {
          name: "limit",
          in: "query",
          required: false,
          description: "A whole number from 1. 20 when absent.",
          schema: { type: "integer", default: 20, minimum: 1 },
        },
        { name: "kind", in: "query", required: true, description: "Which things.", schema: { type: "string" } },
      ],
    );
    expect(document).toHaveProperty(
      ["paths", "/things/{id}", "patch", "parameters"],
      [
        {
          name: "id",
          in: "path",
          required: true,
          description: "Text of the format uuid. Anything else is answered 404.",
          schema: { type: "string", format: "uuid" },
        },
        { $ref: "#/components/parameters/IdempotencyKey" },
      ],
    );
  });

  test("says that unknown fields of a body are refused", () => {
    const at = ["paths", "/things/{id}", "patch", "requestBody", "content", "application/json", "schema"];
    expect(document).toHaveProperty([...at, "additionalProperties"], false);
  });

  test("says who may enter", () => {
    expect(document).not.toHaveProperty(["paths", "/things", "get", "security"]);
    expect(document).toHaveProperty(["paths", "/things/{id}", "get", "security"], [{}, { bearer: [] }]);
    expect(document).toHaveProperty(["paths", "/things/{id}", "patch", "security"], [{ bearer: [] }]);
  });

  test("has the problems by status, each kind with its type, its members and its headers", () => {
    const responses = ["paths", "/things/{id}", "patch", "responses"];
    expect(document).toHaveProperty([...responses, "410"], { $ref: "#/components/responses/SoldOut" });
    expect(document).toHaveProperty(
      ["components", "responses", "SoldOut", "content", "application/problem+json", "schema"],
      { $ref: "#/components/schemas/SoldOutProblem" },
    );
    expect(document).toHaveProperty(
      ["components", "schemas", "SoldOutProblem"],
      expect.objectContaining({
        description: "Come earlier.",
        properties: { type: { const: "/problems/sold-out" }, title: { const: "Sold out" }, status: { const: 410 } },
      }),
    );
    const busy = "DeadlineExceededOrMisconfiguredOrUnavailableOrUnknownOutcome";
    expect(document).toHaveProperty([...responses, "503"], { $ref: `#/components/responses/${busy}` });
    expect(document).toHaveProperty(
      ["components", "responses", busy, "content", "application/problem+json", "schema", "oneOf", 3],
      { $ref: "#/components/schemas/UnknownOutcomeProblem" },
    );
    expect(document).toHaveProperty(["components", "responses", busy, "headers", "Retry-After"]);
    expect(document).not.toHaveProperty(["components", "responses", "SoldOut", "headers", "Retry-After"]);
    expect(document).toHaveProperty(["components", "responses", "Unauthenticated", "headers", "WWW-Authenticate"]);
    expect(document).toHaveProperty(["components", "schemas", "InvalidRequestProblem", "required"], ["type", "errors"]);
  });

  test("has the headers that a route says its answers carry", () => {
    const at = (method: string) => ["paths", "/things/{id}", method, "responses"];
    expect(document).toHaveProperty([...at("patch"), "204", "headers", "Location"]);
    expect(document).not.toHaveProperty([...at("get"), "200", "headers", "Location"]);
    expect(document).toHaveProperty([...at("get"), "200", "headers", "X-Request-Id"]);
  });

  test("refuses a path parameter that its schema does not name, and the other way round", () => {
    const options = { info: { title: "", version: "" }, problems, securitySchemes: {} };
    const params = z.object({ name: z.string() });
    expect(() => openApi({ ...options, routes: [{ ...look, params }] })).toThrow('"id" is in the path or in params');
    expect(() => openApi({ ...options, routes: [{ ...list, params }] })).toThrow('"name" is in the path or in params');
  });

  test("refuses a problem that nobody registered", () => {
    const options = { info: { title: "", version: "", description: "" }, problems: CORE_PROBLEMS, securitySchemes: {} };
    expect(() => openApi({ ...options, routes: [change] })).toThrow('no problem is registered as "sold-out"');
  });
});

test("the problems of a route follow from what it declares", () => {
  expect(problemsOf(list)).toEqual([
    "deadline-exceeded",
    "internal-error",
    "invalid-request",
    "invalid-session-token",
    "misconfigured",
    "unavailable",
  ]);
  expect(problemsOf(look)).toContain("not-found");
  expect(problemsOf(look)).not.toContain("unauthenticated");
  expect(problemsOf(look)).not.toContain("cross-site-request");
  for (const slug of ["body-too-large", "cross-site-request", "idempotency-key-reused", "not-found", "sold-out"]) {
    expect(problemsOf(change)).toContain(slug);
  }
});

test("docs/errors.md has every kind of problem, with its status and what to do", () => {
  const text = errorsDocument({ "sold-out": problems["sold-out"] });
  expect(text).toMatch(/^<!-- Generated by `npm run generate`/);
  for (const [slug, { status, title, meaning }] of Object.entries(problems)) {
    expect(text).toContain(`| ${status} | [\`${slug}\`](#${slug}) | ${title} |`);
    expect(text).toContain(`### ${slug}\n\n**${status}** ${title}.\n\n${meaning}\n`);
  }
  expect(errorsDocument({})).not.toContain("marketplace\n");
});

test("an artefact is stale when its file is missing or holds something else", async () => {
  const root = await mkdtemp(join(tmpdir(), "artefacts-"));
  try {
    await writeFile(join(root, "fresh.md"), "new");
    await writeFile(join(root, "old.md"), "old");
    const files = ["fresh.md", "old.md", "missing/file.md"].map((path) => ({ path, content: "new" }));
    const stale = await staleArtefacts(root, files);
    expect(stale.map(({ path }) => path)).toEqual(["old.md", "missing/file.md"]);
  } finally {
    await rm(root, { recursive: true });
  }
});
