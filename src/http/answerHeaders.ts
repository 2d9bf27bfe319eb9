import type { Route as DatabaseRoute } from "../database/database.ts";
import { HSTS } from "./constants.ts";
import { keepPrivate } from "./keepPrivate.ts";
import { SESSION_HEADER } from "./sessionCarrier.ts";

/** What the headers of an answer are made from. */
export interface AnswerFacts {
  readonly requestId: string;
  readonly isHttps: boolean;
  readonly totalMs: number;
  readonly timings: readonly { readonly name: string; readonly ms: number }[];
  readonly routes: readonly DatabaseRoute[];
  /** Whether whoever asks may see which node answered. */
  readonly exposesRoute: boolean;
  /** The request brought a session: nobody else may get its answer. */
  readonly isPersonal: boolean;
  /** The answer depends on who asks. */
  readonly varies: boolean;
}

/** Sets what every answer carries: security headers, the request's id, timings, and where the database was asked. */
export function setAnswerHeaders(headers: Headers, facts: AnswerFacts): void {
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  if (!headers.has("Content-Security-Policy")) {
    headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (facts.isHttps) headers.set("Strict-Transport-Security", HSTS);
  if (facts.isPersonal) keepPrivate(headers);
  // A cache in front of the Worker keeps an answer that says nothing: Cloudflare's a bare 200 for two hours.
  else if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  if (facts.varies) headers.append("Vary", `Cookie, Authorization, ${SESSION_HEADER}`);
  headers.set("X-Request-Id", facts.requestId);
  headers.set("Server-Timing", serverTiming(facts));
  const route = facts.exposesRoute ? facts.routes.at(-1) : undefined;
  if (route) headers.set("Breakwater-Route", routeField(route));
}

/** `total;dur=12, db;desc="pitches.browse";dur=4`: milliseconds, queries in the order they were asked. */
function serverTiming({ totalMs, timings }: AnswerFacts): string {
  let field = `total;dur=${rounded(totalMs)}`;
  for (const { name, ms } of timings) field += `, db;desc="${name}";dur=${rounded(ms)}`;
  return field;
}

/** `node-2;reason=any;age=120` (RFC 9651): the age is that of our knowledge of the node, in milliseconds. */
function routeField({ node, reason, ageMs, would }: DatabaseRoute): string {
  return `${node};reason=${reason};age=${Math.round(ageMs)}${would === undefined ? "" : `;would=${would}`}`;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
