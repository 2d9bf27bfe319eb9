import type { Database, Route as DatabaseRoute } from "../../../../src/database/database.ts";
import type { Accounts } from "../../../../src/http/accounts.ts";
import type { Services } from "../../../../src/http/call.ts";
import type { Problems } from "../../../../src/http/problems.ts";
import { type Account, type Route, routesFor } from "../../../../src/http/route.ts";
import { createRouter } from "../../../../src/http/router.ts";

const ORIGIN = "https://app.example";
export const NOW = Date.UTC(2026, 10, 1);

/** Makes routes whose account is just an id. */
export const route = routesFor<Account>();

/** Knows one account, by bearer token or cookie. */
export const accounts: Accounts = {
  credentialOf: ({ headers }) => {
    const bearer = headers.get("authorization")?.replace("Bearer ", "");
    if (bearer !== undefined) return { kind: "bearer", value: bearer };
    const cookie = headers.get("cookie")?.replace("session=", "");
    return cookie === undefined ? null : { kind: "cookie", value: cookie };
  },
  accountOf: async ({ value }) => (value === "good" ? { id: "ada" } : null),
};

export const SIGNED_IN = { Authorization: "Bearer good" };
export const JSON_TYPE = { "Content-Type": "application/json" };

/** A database that refuses everything with `error`; the routes and timings are as if it had been asked. */
export function failingDatabase(error: unknown, routes: readonly DatabaseRoute[] = []): Database {
  const fail = () => Promise.reject(error);
  const timings = routes.map(({ node }) => ({ name: "things.list", node, ms: 4.26 }));
  return { read: fail, write: fail, claim: fail, mark: fail, routes, timings };
}

export interface Asking extends RequestInit {
  readonly services?: Partial<Services>;
  readonly problems?: Problems;
  readonly origin?: string;
  /** Needed by Node for a body that is a stream. */
  readonly duplex?: "half";
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What was reported as a mistake of ours. */
  readonly reported: readonly unknown[];
}

/** Sends one request through a router over these routes. */
export async function call(routes: readonly Route[], path: string, asking: Asking = {}): Promise<Reply> {
  const { services, problems, origin = ORIGIN, ...init } = asking;
  const router = createRouter({ routes, accounts, ...(problems && { problems }) });
  const reported: unknown[] = [];
  const response = await router.fetch(new Request(origin + path, init), {
    database: failingDatabase(new Error("no test asked for the database")),
    now: () => NOW,
    waitUntil: () => {},
    exposesRoute: false,
    report: (error) => reported.push(error),
    ...services,
  });
  return { status: response.status, headers: response.headers, text: await response.text(), reported };
}

/** The problem of an answer: its slug, and the fields it names. Fails for an answer that is no problem. */
export function problemOf({ headers, text }: Reply): { slug: string; fields: readonly string[]; body: Problem } {
  if (headers.get("content-type") !== "application/problem+json") throw new Error(`not a problem: ${text}`);
  const body: Problem = JSON.parse(text);
  return { slug: body.type.replace("/problems/", ""), fields: (body.errors ?? []).map(({ field }) => field), body };
}

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly instance: string;
  readonly requestId: string;
  readonly detail?: string;
  readonly outcome?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}
