import type { CoreSlug } from "../../src/http/problems.ts";
import type { Route } from "../../src/http/route.ts";

/** What any route can answer: all of them may ask the database, for a session that is named. */
const ALWAYS: readonly CoreSlug[] = [
  "internal-error",
  "invalid-session-token",
  "unavailable",
  "deadline-exceeded",
  "misconfigured",
];

const BODY: readonly CoreSlug[] = [
  "invalid-request",
  "malformed-body",
  "body-too-slow",
  "body-too-large",
  "unsupported-media-type",
];

const IDEMPOTENT: readonly CoreSlug[] = ["invalid-request", "idempotency-key-busy", "idempotency-key-reused"];

/** The slugs of all problems a route can answer: those it declares, and those that follow from what it declares. */
export function problemsOf({ method, access, params, query, body, idempotent, problems = [] }: Route): string[] {
  const changes = method !== "GET";
  const slugs: readonly string[] = [
    ...ALWAYS,
    ...(params ? ["not-found"] : []),
    ...(query ? ["invalid-request"] : []),
    ...(body ? BODY : []),
    ...(idempotent ? IDEMPOTENT : []),
    ...(access === "signed-in" ? ["unauthenticated"] : []),
    ...(access !== "anonymous" && changes ? ["cross-site-request"] : []),
    ...(changes ? ["unknown-outcome"] : []),
    ...problems,
  ];
  return [...new Set(slugs)].sort();
}
