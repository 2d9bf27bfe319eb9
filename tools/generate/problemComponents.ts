import { MAX_FIELD_ERRORS } from "../../src/http/constants.ts";
import type { Problems } from "../../src/http/problems.ts";
import { RETRY_AFTER_MS } from "../../src/http/toResponse.ts";
import { type HeaderName, headersOf } from "./answerHeaderComponents.ts";

type Json = Readonly<Record<string, unknown>>;

/** Problems in a document: a schema for each kind, and the answers that operations refer to. */
export interface ProblemComponents {
  readonly schemas: Json;
  /** Those that were asked for so far, by name. */
  readonly responses: Json;
  /** The answer with this status that is one of these kinds of problem. */
  answerOf(slugs: readonly string[]): Json;
}

/** Members that some kinds have besides those of all. */
const MEMBERS: Readonly<Record<string, Json>> = {
  "invalid-request": {
    errors: {
      type: "array",
      minItems: 1,
      maxItems: MAX_FIELD_ERRORS,
      description: "Each field that is wrong, and what is expected of it.",
      items: {
        type: "object",
        required: ["field", "message"],
        properties: { field: { type: "string" }, message: { type: "string" } },
        additionalProperties: false,
      },
    },
  },
  "unknown-outcome": {
    outcome: { type: "string", format: "uuid", description: "Names the write: ask `GET /api/outcomes/{id}`." },
  },
};

const PROBLEM: Json = {
  type: "object",
  description: "RFC 9457 problem details; docs/errors.md says what each type means. Programs decide by `type` alone.",
  required: ["type", "title", "status", "instance", "requestId"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What is wrong this time, where there is more to say than the title." },
    instance: { type: "string", description: "The path that was asked." },
    requestId: { type: "string", description: "Also in `X-Request-Id`; quote it when you report a problem." },
  },
};

/** The components for a registry of problems: every kind is described, whether an operation answers it or not. */
export function problemComponents(problems: Problems): ProblemComponents {
  const schemas: Record<string, Json> = { Problem: PROBLEM };
  for (const [slug, kind] of Object.entries(problems)) schemas[schemaName(slug)] = schemaOf(slug, kind);
  const responses: Record<string, Json> = {};
  return {
    schemas,
    responses,
    answerOf: (slugs) => {
      const name = slugs.map(pascal).join("Or");
      responses[name] ??= response(slugs, problems);
      return { $ref: `#/components/responses/${name}` };
    },
  };
}

function schemaOf(slug: string, { status, title, meaning }: Problems[string]): Json {
  const members = MEMBERS[slug] ?? {};
  return {
    description: meaning,
    allOf: [{ $ref: "#/components/schemas/Problem" }],
    required: ["type", ...Object.keys(members)],
    properties: {
      type: { const: `/problems/${slug}` },
      title: { const: title },
      status: { const: status },
      ...members,
    },
    unevaluatedProperties: false,
  };
}

/** `type` tells the problems of one status apart. */
function response(slugs: readonly string[], problems: Problems): Json {
  const kinds = slugs.map((slug) => problems[slug]).filter((kind) => kind !== undefined);
  const refs = slugs.map((slug) => ({ $ref: `#/components/schemas/${schemaName(slug)}` }));
  const waits = slugs.filter((slug) => slug in RETRY_AFTER_MS || problems[slug]?.status === 429);
  const names: HeaderName[] = [];
  if (waits.length > 0) names.push("Retry-After");
  if (kinds.some(({ status }) => status === 401)) names.push("WWW-Authenticate");
  return {
    description: kinds.map(({ title }) => title).join(" · "),
    headers: headersOf(names),
    content: { "application/problem+json": { schema: refs.length === 1 ? refs[0] : { oneOf: refs } } },
  };
}

function schemaName(slug: string): string {
  return `${pascal(slug)}Problem`;
}

function pascal(slug: string): string {
  return slug.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
