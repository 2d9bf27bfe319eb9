import type { DatabaseErrorCode } from "../database/errors.ts";
import { ProblemError } from "./problem.ts";
import { CORE_PROBLEMS, type CoreSlug, type Problems } from "./problems.ts";

/** Where and in which request the error happened. */
export interface Occurrence {
  /** The registry: the core's kinds and the application's. */
  readonly problems: Problems;
  /** The request's path. */
  readonly path: string;
  readonly requestId: string;
}

/** What a client is told of each failure of the database handle. */
const SLUG_BY_CODE: Readonly<Record<DatabaseErrorCode, CoreSlug>> = {
  unavailable: "unavailable",
  deadline: "deadline-exceeded",
  "unknown-outcome": "unknown-outcome",
  "idempotency-reused": "idempotency-key-reused",
  "idempotency-busy": "idempotency-key-busy",
  configuration: "misconfigured",
  query: "internal-error",
};

/** When to come back, where the handle does not know: one breath, and for a human to mend the configuration, half a minute. */
export const RETRY_AFTER_MS: Readonly<Partial<Record<CoreSlug, number>>> = {
  unavailable: 1_000,
  "deadline-exceeded": 1_000,
  "unknown-outcome": 2_000,
  "idempotency-key-busy": 1_000,
  busy: 1_000,
  misconfigured: 30_000,
};

/**
 * The one place that says what a client may see of an error: a problem (RFC 9457), never a driver's words, never a
 * stack. Errors are told apart by `name` and `code`, since prototypes do not survive RPC.
 */
export function toResponse(error: unknown, { problems, path, requestId }: Occurrence): Response {
  const { slug, details } = asProblem(error, problems);
  const kind = problems[slug] ?? CORE_PROBLEMS["internal-error"];
  const { detail, errors, extra, headers } = details;
  const retryAfterMs = details.retryAfterMs ?? RETRY_AFTER_MS[slug as CoreSlug]; // an application's slug has no entry
  const body = {
    type: `/problems/${slug}`,
    title: kind.title,
    status: kind.status,
    ...(detail !== undefined && { detail }),
    instance: path,
    requestId,
    ...(errors && { errors }),
    ...extra,
  };
  return new Response(JSON.stringify(body), {
    status: kind.status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...(kind.status === 401 && { "WWW-Authenticate": "Bearer" }),
      ...(retryAfterMs !== undefined && { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
      ...headers,
    },
  });
}

/** The problem an error is: its own, the database's, or `internal-error`. */
function asProblem(error: unknown, problems: Problems): Pick<ProblemError, "slug" | "details"> {
  if (error instanceof ProblemError && Object.hasOwn(problems, error.slug)) return error;
  if (hasCode(error, "DatabaseError") && Object.hasOwn(SLUG_BY_CODE, error.code)) {
    const slug = SLUG_BY_CODE[error.code as DatabaseErrorCode]; // just looked up
    return { slug, details: { retryAfterMs: numberIn(error, "retryAfterMs"), extra: outcomeOf(error, slug) } };
  }
  if (hasCode(error, "ConfigError")) return { slug: "misconfigured", details: {} };
  return { slug: "internal-error", details: {} };
}

/** Whether this is worth a line in the log: a mistake of ours or of whoever set us up, not a client's. */
export function isOurMistake(error: unknown, problems: Problems): boolean {
  const { slug } = asProblem(error, problems);
  return slug === "internal-error" || slug === "misconfigured";
}

function outcomeOf(error: object, slug: CoreSlug): Record<string, string> | undefined {
  const mark = slug === "unknown-outcome" && "mark" in error ? error.mark : undefined;
  return typeof mark === "string" ? { outcome: mark } : undefined;
}

function numberIn(error: object, key: "retryAfterMs"): number | undefined {
  const value = key in error ? (error as { retryAfterMs?: unknown }).retryAfterMs : undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function hasCode(error: unknown, name: string): error is { name: string; code: string } {
  if (typeof error !== "object" || error === null) return false;
  return "name" in error && error.name === name && "code" in error && typeof error.code === "string";
}
