import { MAX_BODY_BYTES, MAX_IDEMPOTENCY_KEY } from "../../src/http/constants.ts";
import type { Problems } from "../../src/http/problems.ts";
import type { Route } from "../../src/http/route.ts";
import { HEADER_COMPONENTS, headersOf } from "./answerHeaderComponents.ts";
import { jsonSchemaOf, type RouteSchema } from "./jsonSchemaOf.ts";
import { parameterWords } from "./parameterWords.ts";
import { type ProblemComponents, problemComponents } from "./problemComponents.ts";
import { problemsOf } from "./problemsOf.ts";

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiOptions {
  readonly info: Json & { readonly title: string; readonly version: string };
  readonly routes: readonly Route[];
  /** The core's kinds and the application's. */
  readonly problems: Problems;
  /** How an account is proven, by name; a signed-in route accepts any one of them. */
  readonly securitySchemes: Json;
}

/**
 * The OpenAPI 3.1 document of a table of routes. Throws for a mistake of the table: a problem that nobody registered, a
 * path parameter without a schema.
 */
export function openApi({ info, routes, problems, securitySchemes }: OpenApiOptions): Json {
  const components = problemComponents(problems);
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    mustNameParameters(route);
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    const described = operation(route, { problems, securitySchemes, components });
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: described };
  }
  const { schemas, responses } = components;
  return {
    openapi: "3.1.0",
    "x-generated-by": "npm run generate",
    info,
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas,
      responses,
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY, IfNoneMatch: IF_NONE_MATCH },
      headers: HEADER_COMPONENTS,
      securitySchemes,
    },
  };
}

function mustNameParameters({ method, path, params }: Route): void {
  const known = Object.keys((params && jsonSchemaOf(params, "input").properties) ?? {});
  const inPath = Array.from(path.matchAll(/:(\w+)/g), ([, name = ""]) => name);
  const missing = [
    ...inPath.filter((name) => !known.includes(name)),
    ...known.filter((name) => !inPath.includes(name)),
  ];
  if (missing.length > 0)
    throw new Error(`${method} ${path}: "${missing[0]}" is in the path or in params, not in both.`);
}

interface Whole {
  readonly problems: Problems;
  readonly securitySchemes: Json;
  readonly components: ProblemComponents;
}

function operation(route: Route, { problems, securitySchemes, components }: Whole): Json {
  const { access, summary, body, answers, headers = [] } = route;
  const parameters = [
    ...parametersOf(route.params, "path"),
    ...parametersOf(route.query, "query"),
    ...(route.idempotent ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
    ...(route.shared ? [{ $ref: "#/components/parameters/IfNoneMatch" }] : []),
  ];
  const schemes = Object.keys(securitySchemes).map((name) => ({ [name]: [] }));
  const responses = Object.entries(answers).map(([status, schema]) => {
    const names = [...headers, ...(route.shared ? SHARED_HEADERS : [])];
    return [status, { description: summary, headers: headersOf(names), ...contentOf(schema) }] as const;
  });
  const unchanged = route.shared && { 304: { description: UNCHANGED, headers: headersOf(SHARED_HEADERS) } };
  return {
    operationId: operationId(route),
    tags: [areaOf(route)],
    summary,
    ...(access !== "anonymous" && { security: access === "optional" ? [{}, ...schemes] : schemes }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { description: BODY, required: true, ...jsonContent(jsonSchemaOf(body, "input")) } }),
    responses: { ...Object.fromEntries(responses), ...unchanged, ...problemAnswers(route, problems, components) },
  };
}

const BODY = `One JSON object in UTF-8, of at most ${MAX_BODY_BYTES} bytes. Unknown fields are refused.`;

/** `postApiPitchesByIdPublish`. */
function operationId({ method, path }: Route): string {
  const words = path
    .replaceAll(":", "by/")
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** `pitches` of `/api/pitches/:id/publish`. */
function areaOf({ path }: Route): string {
  return path.split("/").find((word) => word !== "" && word !== "api") ?? path;
}

function parametersOf(schema: RouteSchema | undefined, place: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(schema, "input");
  return Object.entries(properties).map(([name, property]) => {
    if (typeof property === "boolean") throw new Error(`The parameter ${name} has no schema that tells anything.`);
    const { description: _lifted, ...rest } = property;
    return {
      name,
      in: place,
      required: place === "path" || required.includes(name),
      description: parameterWords(property, place),
      schema: rest,
    };
  });
}

function contentOf(schema: RouteSchema | null): Json {
  return schema === null ? {} : jsonContent(jsonSchemaOf(schema, "output"));
}

function jsonContent(schema: Json): Json {
  return { content: { "application/json": { schema } } };
}

/** One answer a status, as OpenAPI wants it. */
function problemAnswers(route: Route, problems: Problems, components: ProblemComponents): Json {
  const byStatus: Record<string, string[]> = {};
  for (const slug of problemsOf(route)) {
    const kind = problems[slug];
    if (!kind) throw new Error(`${route.method} ${route.path}: no problem is registered as "${slug}".`);
    byStatus[kind.status] = [...(byStatus[kind.status] ?? []), slug];
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, slugs]) => [status, components.answerOf(slugs)] as const),
  );
}

/** What answers that are shared carry besides. */
const SHARED_HEADERS = ["ETag", "Age", "Cache-Status", "CDN-Cache-Control"] as const;

const UNCHANGED = "The client has this very answer";

const IF_NONE_MATCH: Json = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "The `ETag` of the answer that the client has: 304 without a body where it is still the same.",
  schema: { type: "string", minLength: 1 },
};

const IDEMPOTENCY_KEY: Json = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Makes the request safe to repeat: a repeat with the same key answers what the first attempt did.",
  schema: { type: "string", minLength: 1, maxLength: MAX_IDEMPOTENCY_KEY, pattern: "^[\\x21-\\x7e]+$" },
};
