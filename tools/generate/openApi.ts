import * as z from "zod";
import { MAX_IDEMPOTENCY_KEY } from "../../src/http/constants.ts";
import type { Problems } from "../../src/http/problems.ts";
import type { Route } from "../../src/http/route.ts";
import { problemsOf } from "./problemsOf.ts";

type Json = Readonly<Record<string, unknown>>;
type Schema = NonNullable<Route["params"]>;

export interface OpenApiOptions {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly routes: readonly Route[];
  /** The core's kinds and the application's. */
  readonly problems: Problems;
  /** How an account is proven, by name; a signed-in route accepts any one of them. */
  readonly securitySchemes: Json;
}

/** The OpenAPI 3.1 document of a table of routes. Throws for a route that declares a problem nobody registered. */
export function openApi({ info, routes, problems, securitySchemes }: OpenApiOptions): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, problems, securitySchemes) };
  }
  return {
    openapi: "3.1.0",
    "x-generated-by": "npm run generate",
    info,
    servers: [{ url: "/" }],
    paths,
    components: { schemas: { Problem: PROBLEM }, securitySchemes },
  };
}

function operation(route: Route, problems: Problems, securitySchemes: Json): Json {
  const { access, summary, body, answers } = route;
  const parameters = [
    ...parametersOf(route.params, "path"),
    ...parametersOf(route.query, "query"),
    ...(route.idempotent ? [IDEMPOTENCY_KEY] : []),
  ];
  const schemes = Object.keys(securitySchemes).map((name) => ({ [name]: [] }));
  const responses = Object.entries(answers).map(([status, schema]) => [status, answer(summary, schema)] as const);
  return {
    operationId: operationId(route),
    summary,
    ...(access !== "anonymous" && { security: access === "optional" ? [{}, ...schemes] : schemes }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: jsonSchema(body, "input") } } },
    }),
    responses: { ...Object.fromEntries(responses), ...problemAnswers(route, problems) },
  };
}

/** `postApiPitchesByIdPublish`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replaceAll(":", "by/")
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function parametersOf(schema: Schema | undefined, place: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input");
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function answer(description: string, schema: Schema | null): Json {
  if (schema === null) return { description };
  return { description, content: { "application/json": { schema: jsonSchema(schema, "output") } } };
}

/** One answer a status, as OpenAPI wants it; `type` tells the problems of one status apart. */
function problemAnswers(route: Route, problems: Problems): Json {
  const byStatus: Record<string, { titles: string[]; types: string[] }> = {};
  for (const slug of problemsOf(route)) {
    const kind = problems[slug];
    if (!kind) throw new Error(`${route.method} ${route.path}: no problem is registered as "${slug}".`);
    byStatus[kind.status] ??= { titles: [], types: [] };
    byStatus[kind.status]?.titles.push(kind.title);
    byStatus[kind.status]?.types.push(`/problems/${slug}`);
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, { titles, types }]) => {
      const schema = { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { type: { enum: types } } }] };
      return [status, { description: titles.join(" · "), content: { "application/problem+json": { schema } } }];
    }),
  );
}

function jsonSchema(schema: Schema, io: "input" | "output") {
  const { $schema: _dialect, "~standard": _tools, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

const IDEMPOTENCY_KEY: Json = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Makes the request safe to repeat: a repeat with the same key answers what the first attempt did.",
  schema: { type: "string", minLength: 1, maxLength: MAX_IDEMPOTENCY_KEY, pattern: "^[\\x21-\\x7e]+$" },
};

const PROBLEM: Json = {
  type: "object",
  description: "RFC 9457 problem details; docs/errors.md says what each type means.",
  required: ["type", "title", "status", "instance", "requestId"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    requestId: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["field", "message"],
        properties: { field: { type: "string" }, message: { type: "string" } },
      },
    },
    outcome: { type: "string", format: "uuid" },
  },
};
