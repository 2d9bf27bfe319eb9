import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { openApiRoute } from "../../../../src/http/openApiRoute.ts";
import { CORE_PROBLEMS } from "../../../../src/http/problems.ts";
import { problems, routes } from "../../../../src/marketplace/index.ts";
import { type ApiDocument, apiOperations, type JsonSchema } from "../../../../tools/fuzz/apiOperations.ts";
import { FORMATS } from "../../../../tools/fuzz/formats.ts";
import { apiDocument } from "../../../../tools/generate/apiDocument.ts";
import { problemsOf } from "../../../../tools/generate/problemsOf.ts";

const document = JSON.parse(JSON.stringify(apiDocument())) as ApiDocument & Record<string, unknown>;
const operations = apiOperations(document);
const table = [...routes, openApiRoute({ openapi: "3.1.0" })];
const registry = { ...CORE_PROBLEMS, ...problems };

type Node = Readonly<Record<string, unknown>>;

/** Every object of a document, with where it stands. */
function nodesOf(value: unknown, at = ""): { at: string; node: Node }[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) => nodesOf(each, `${at}/${key}`));
  return Array.isArray(value) ? inner : [{ at, node: value as Node }, ...inner];
}

/** References that lead nowhere. */
function danglingRefs(whole: object): string[] {
  const found = (ref: string) =>
    ref
      .slice(2)
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
      .reduce<unknown>((value, key) => (value as Node | undefined)?.[key], whole);
  return nodesOf(whole).flatMap(({ node: { $ref } }) => (typeof $ref === "string" && !found($ref) ? [$ref] : []));
}

/** What the schema of OpenAPI 3.1 says of it, as published by the OpenAPI Initiative. */
async function verdictOf(whole: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(whole) as Record<string, unknown>);
  return valid ? "valid" : errors;
}

describe("the marketplace's OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    expect(await verdictOf(document)).toBe("valid");
    const { info: _info, ...without } = document;
    expect(await verdictOf(without)).not.toBe("valid");
  });

  test("refers to nothing that it does not have", () => {
    expect(danglingRefs(document)).toEqual([]);
    expect(danglingRefs({ a: { $ref: "#/components/none" } })).toEqual(["#/components/none"]);
  });

  test("names each operation once", () => {
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has valid schemas of JSON Schema 2020-12 alone, in formats that are checked", () => {
    const ajv = new Ajv2020({ strict: true, strictTypes: false, formats: { ...FORMATS } });
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      ajv.addSchema(schema, `#/components/schemas/${name}`);
    }
    const schemas = nodesOf(document.paths).flatMap(({ at, node: { schema } }) => (schema ? [{ at, schema }] : []));
    expect(schemas.length).toBeGreaterThan(30);
    for (const { at, schema } of schemas) expect(() => ajv.compile(schema as JsonSchema), at).not.toThrow();
  });

  test("says something of every value, but of the document itself", () => {
    const empty = nodesOf(document.paths)
      .filter(({ at }) => /\/(properties\/[^/]+|schema|items|anyOf\/\d+)$/.test(at))
      .filter(({ node }) => !["type", "$ref", "enum", "const", "anyOf", "oneOf", "allOf"].some((key) => key in node));
    expect(empty.map(({ at }) => at)).toEqual([]);
  });

  test("lets no answer's object have properties that are not described, but the document itself", () => {
    const open = nodesOf(document.paths)
      .filter(({ at, node }) => at.includes("/responses/") && node.type === "object" && "properties" in node)
      .filter(({ at, node }) => node.additionalProperties !== false && !at.startsWith("//openapi.json/"));
    expect(open.map(({ at }) => at)).toEqual([]);
  });

  test("describes every parameter and every header", () => {
    const parameters = operations.flatMap(({ id, parameters }) => parameters.map((each) => [id, each] as const));
    for (const [id, parameter] of parameters) {
      expect(parameter, `${id} ${parameter.name}`).toHaveProperty("description", expect.stringMatching(/\w+.*\.$/s));
    }
    const headers = document.components.headers;
    for (const header of Object.values(headers)) expect(header).toHaveProperty("description", expect.any(String));
  });
});

test("every kind of problem is described", () => {
  const consts = Object.values(document.components.schemas).map(({ properties }) => properties?.type?.const);
  for (const slug of Object.keys(registry)) expect(consts).toContain(`/problems/${slug}`);
});

describe.each(table.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_, route) => {
  const template = route.path.replace(/:(\w+)/g, "{$1}");
  const operation = operations.find(({ method, template: at }) => method === route.method && at === template);
  const described = document.paths[template]?.[route.method.toLowerCase()];

  test("is described: summary, security, parameters, body, answers and problems", () => {
    if (!operation || !described) throw new Error("it is not in the document");
    expect(described).toHaveProperty("summary", route.summary);
    const schemes = [{ bearer: [] }, { cookie: [] }];
    const security = { anonymous: undefined, optional: [{}, ...schemes], "signed-in": schemes }[route.access];
    expect(described.security).toEqual(security);

    const inPath = operation.parameters.filter((each) => each.in === "path").map(({ name }) => `{${name}}`);
    expect(template.match(/\{\w+\}/g) ?? []).toEqual(inPath);
    const sent = operation.parameters.filter((each) => each.in === "header").map(({ name }) => name);
    expect(sent).toEqual([route.idempotent && "Idempotency-Key", route.shared && "If-None-Match"].filter(Boolean));
    expect(operation.responses[304] !== undefined).toBe(route.shared !== undefined);
    expect(operation.body !== undefined).toBe(route.body !== undefined);
    if (operation.body) expect(operation.body.additionalProperties).toBe(false);

    for (const [status, schema] of Object.entries(route.answers)) {
      const { mediaType, headers } = operation.responses[status] ?? {};
      expect([status, mediaType]).toEqual([status, schema === null ? undefined : "application/json"]);
      expect(headers).toEqual(expect.arrayContaining(["X-Request-Id", ...(route.headers ?? [])]));
    }
    for (const slug of problemsOf(route)) {
      const { status } = registry[slug as keyof typeof registry];
      const { mediaType, schemas = [] } = operation.responses[status] ?? {};
      const types = schemas.map((pointer) => {
        return document.components.schemas[pointer.split("/").at(-1) ?? ""]?.properties?.type?.const;
      });
      expect([mediaType, types]).toEqual(["application/problem+json", expect.arrayContaining([`/problems/${slug}`])]);
    }
  });
});
