import type * as z from "zod/mini";
import type { Database, Freshness, Idempotency } from "../database/database.ts";

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
  /**
   * How fresh this request's reads must be: `session` for who brought a session token, `strict` for who brought only a
   * credential, else `any`.
   */
  readonly freshness: Freshness;
  /** The client's `Idempotency-Key`, where the route takes one and the client sent one. */
  readonly idempotency: Idempotency | undefined;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  /** Work after the answer; it may use `database` within its deadline. One that fails is reported. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** What a handler answers: status, a body for `Response.json` (none: no body), and headers. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `anonymous`: nobody is looked up. `optional`: the account, or null. `signed-in`: the account, or 401. */
export type Access = "anonymous" | "optional" | "signed-in";

/** A schema, or none. */
type Schema = z.ZodMiniType | undefined;

/** What a schema makes of the input; without a schema, nothing. */
type Parsed<S extends Schema> = S extends z.ZodMiniType ? z.output<S> : undefined;

/** Schema of the answer's body by status; `null`: no body. */
type Answers = Readonly<Record<number, z.ZodMiniType | null>>;

/** The answers that a route's schemas allow. */
type AnswerOf<A extends Answers> = {
  [Status in keyof A]: A[Status] extends z.ZodMiniType
    ? { readonly status: Status; readonly body: z.input<A[Status]>; readonly headers?: Answer["headers"] }
    : { readonly status: Status; readonly headers?: Answer["headers"] };
}[keyof A];

type WhoFor<A extends Access, Who> = A extends "signed-in" ? Who : A extends "optional" ? Who | null : null;

/** An endpoint as data: the router, the door and the OpenAPI document are made from it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/api/pitches/:id`. A literal path wins over one with parameters. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** Path parameters; what it refuses is answered 404. */
  readonly params?: z.ZodMiniType | undefined;
  /** An object schema over text; parameters it does not name are ignored. */
  readonly query?: z.ZodMiniType | undefined;
  /** A strict object schema; a route without one ignores bodies. */
  readonly body?: z.ZodMiniType | undefined;
  /** Takes an `Idempotency-Key`; only for `signed-in` routes. Default false. */
  readonly idempotent?: boolean | undefined;
  readonly answers: Answers;
  /** Headers that its answers (not its problems) may carry besides those of every answer. Default: none. */
  readonly headers?: readonly ("Location" | "Set-Cookie")[] | undefined;
  /** Slugs of the problems it can answer besides those that every route can. */
  readonly problems?: readonly string[] | undefined;
  readonly handle: (context: Context<never, never, never, never>) => Promise<Answer>;
}

/** A route as it is written: the schemas' types flow into the handler, and its answers are held to `answers`. */
export interface RouteDefinition<
  Who extends Account,
  A extends Access,
  P extends Schema,
  Q extends Schema,
  B extends Schema,
  R extends Answers,
> extends Omit<Route, "handle" | "access" | "params" | "query" | "body" | "answers"> {
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answers: R;
  readonly handle: (
    context: Context<Parsed<P>, Parsed<Q>, Parsed<B>, WhoFor<A, Who>>,
  ) => Promise<AnswerOf<R>> | AnswerOf<R>;
}

/**
 * A maker of routes for an application whose accounts are `Who`.
 *
 * @example
 * const route = routesFor<SignedIn>();
 * const whoAmI = route({
 *   method: "GET", path: "/me", summary: "Who I am", access: "signed-in", answers: { 200: userSchema },
 *   handle: async ({ account }) => ({ status: 200, body: account }),
 * });
 */
export function routesFor<Who extends Account>() {
  return <
    const A extends Access,
    const R extends Answers,
    P extends Schema = undefined,
    Q extends Schema = undefined,
    B extends Schema = undefined,
  >(
    definition: RouteDefinition<Who, A, P, Q, B, R>,
  ): Route => {
    if (definition.idempotent && definition.access !== "signed-in") {
      throw new Error(`${definition.method} ${definition.path}: only signed-in routes can be idempotent.`);
    }
    // The router calls `handle` with exactly what these schemas and this access gave.
    return definition as unknown as Route;
  };
}
