import type * as z from "zod/mini";
import type { Database, Idempotency } from "../database/database.ts";

/** Who is asking, as the application's resolver found out. `id` scopes idempotency keys and outcomes. */
export interface Account {
  readonly id: string;
}

/** What a handler is given. `params`, `query` and `body` are what the route's schemas made of the request. */
export interface Context<Params, Search, Body, Who> {
  readonly request: Request;
  readonly url: URL;
  readonly params: Params;
  readonly query: Search;
  readonly body: Body;
  /** `null` where the route allows anonymous requests and nobody is signed in. */
  readonly account: Who;
  readonly database: Database;
  /** The client's `Idempotency-Key`, where the route takes one and the client sent one. */
  readonly idempotency: Idempotency | undefined;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** What a handler answers: status, a body for `Response.json` (none: 204), and headers. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `anonymous`: nobody is looked up. `optional`: the account, or null. `signed-in`: the account, or 401. */
export type Access = "anonymous" | "optional" | "signed-in";

/** An endpoint as data: the router, the door and the OpenAPI document are made from it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/pitches/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly body?: z.ZodMiniType;
  /** Takes an `Idempotency-Key`; only for `signed-in` routes. */
  readonly idempotent?: boolean;
  /** Schema of the body by status; `null`: no body. */
  readonly answers: Readonly<Record<number, z.ZodMiniType | null>>;
  /** Slugs of the problems it can answer besides those that every route can. */
  readonly problems?: readonly string[];
  readonly handle: (context: Context<never, never, never, never>) => Promise<Answer>;
}
