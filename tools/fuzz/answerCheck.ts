import { type ApiDocument, apiOperations, type DocumentedResponse, type Operation } from "./apiOperations.ts";
import { type BodyCheck, bodyCheck } from "./bodyCheck.ts";
import { pathMatcher } from "./matchPath.ts";

/** An answer, and what was asked. */
interface CheckedAnswer {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The whole body. */
  readonly text: string;
}

/** Sentences that say where an answer is not as documented; none: it is. */
export type AnswerCheck = (answer: CheckedAnswer) => readonly string[];

/** Headers that an answer may have only where the document says so. */
const DECLARED = ["Location", "Set-Cookie", "Retry-After", "WWW-Authenticate"] as const;

/** What workerd says of a request whose line or headers are too long; no Worker ever sees it. */
const BEFORE_THE_WORKER = { status: 431, text: "ERROR: header too large." } as const;

const PROBLEM = "application/problem+json";
const MAX_COMPLAINTS = 5;

/**
 * Checks answers against an OpenAPI document: status, media type, headers, and the body by its schema. What lies beside
 * the documented paths is no business of it, except below `/api/`, where everything is documented.
 */
export function answerCheck(document: object): AnswerCheck {
  const api = document as ApiDocument; // made by `tools/generate`
  const byPlace = new Map(apiOperations(api).map((each) => [`${each.method} ${each.template}`, each]));
  const templatesOf = pathMatcher(Object.keys(api.paths));
  const bodies = bodyCheck(document);

  return (answer) => {
    const { method, path, status } = answer;
    if (status === BEFORE_THE_WORKER.status && answer.text.trim() === BEFORE_THE_WORKER.text) return [];
    const pathname = pathnameOf(path);
    const templates = templatesOf(pathname);
    if (templates.length === 0 && !pathname.startsWith("/api/")) return [];
    // `PATCH /api/pitches/search` is one of `/api/pitches/{id}`, where `search` is no id.
    const places = templates.map((each) => `${method === "HEAD" ? "GET" : method} ${each}`);
    const operation = places.map((place) => byPlace.get(place)).find((each) => each !== undefined);
    const template = operation?.template ?? templates[0];
    const complaints = operation
      ? asDocumented(answer, operation, bodies)
      : asRefused(answer, template === undefined ? "NotFound" : "MethodNotAllowed", bodies);
    return complaints
      .slice(0, MAX_COMPLAINTS)
      .map((complaint) => `${method} ${template ?? pathname} answered ${status}: ${complaint}`);
  };
}

function asDocumented(answer: CheckedAnswer, { responses }: Operation, bodies: BodyCheck): readonly string[] {
  const { status, headers } = answer;
  const response = responses[status];
  if (!response) return [`the status is not documented, only ${Object.keys(responses).join(", ")}`];
  const has = (name: string) => headers.get(name) !== null;
  const extra = DECLARED.filter((name) => has(name) && !response.headers.includes(name));
  const missing = response.requiredHeaders.filter((name) => !has(name));
  return [
    ...extra.map((name) => `it has the header ${name}, which is not documented`),
    ...missing.map((name) => `it lacks the header ${name}`),
    ...bodyComplaints(answer, response, bodies),
  ];
}

function bodyComplaints(
  { method, path, status, headers, text }: CheckedAnswer,
  { mediaType, schemas }: DocumentedResponse,
  bodies: BodyCheck,
): readonly string[] {
  const sent = headers.get("Content-Type")?.split(";")[0]?.trim() ?? "nothing";
  if (mediaType === undefined) return text === "" ? [] : [`the body should be empty, and is ${sent}`];
  if (sent !== mediaType) return [`the body is ${sent} where ${mediaType} is documented`];
  if (method === "HEAD") return text === "" ? [] : ["HEAD has a body"];
  const value = parsed(text);
  if (value === undefined) return ["the body is not JSON"];
  const wrong = schemas.map((pointer) => bodies(pointer, value));
  const leastWrong = wrong.reduce((best, each) => (each.length < best.length ? each : best));
  if (mediaType !== PROBLEM || leastWrong.length > 0) return leastWrong;
  const { instance, requestId, status: told } = value as Record<string, unknown>;
  return [
    ...(told === status ? [] : [`the problem tells the status ${told}`]),
    ...(instance === pathnameOf(path) ? [] : [`the problem's instance is ${instance}`]),
    ...(requestId === headers.get("X-Request-Id") ? [] : ["the problem's requestId is not X-Request-Id"]),
  ];
}

/** What no operation describes: another method answers 405 (OPTIONS: 204), another path 404. */
function asRefused(answer: CheckedAnswer, kind: "NotFound" | "MethodNotAllowed", bodies: BodyCheck): readonly string[] {
  const { method, status, headers } = answer;
  const hasAllow = headers.get("Allow") !== null;
  if (kind === "MethodNotAllowed" && !hasAllow) return ["it lacks the header Allow"];
  if (kind === "MethodNotAllowed" && method === "OPTIONS") {
    return status === 204 && answer.text === "" ? [] : ["OPTIONS should be answered 204 without a body"];
  }
  const expected = kind === "NotFound" ? 404 : 405;
  if (status !== expected) return [`no operation is documented, so it should be ${expected}`];
  const response = {
    headers: [],
    requiredHeaders: [],
    mediaType: PROBLEM,
    schemas: [`/components/schemas/${kind}Problem`],
  };
  return bodyComplaints(answer, response, bodies);
}

/** A path may begin with two slashes, and is no host all the same. */
function pathnameOf(path: string): string {
  return new URL(`http://localhost${path}`).pathname;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
