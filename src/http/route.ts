import type * as z from "zod/mini";
import { policyTrouble } from "../cache/policyTrouble.ts";
import type { SharedPolicy } from "../cache/sharedRoute.ts";
import type { Database, Freshness, Idempotency } from "../database/database.ts";
import type { Query } from "../database/query.ts";

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

/**
 * What the maker of a shared answer is given: nothing that is of one visitor. No request, no account, no freshness to
 * choose: whatever it answers may be given to everybody.
 */
export interface SharedContext<Params, Search> {
  readonly params: Params;
  readonly query: Search;
  readonly database: { read<Row>(query: Query<Row>): Promise<{ readonly rows: readonly Row[] }> };
}

/** An answer that everybody is given the same, and how it is kept. */
export interface SharedAnswers extends SharedPolicy {
  /** What it shows of: a write with one of these tags makes it old. At most 32, and never none. */
  readonly tags: (input: { readonly params: never; readonly query: never }) => readonly string[];
  /** What of the query tells answers apart. Default: all that the schema names. */
  readonly key?:
    | ((input: { readonly params: never; readonly query: never }) => Readonly<Record<string, unknown>>)
    | undefined;
  readonly answer: (context: SharedContext<never, never>) => Promise<Pick<Answer, "status" | "body">>;
}

/** The same as it is written. */
interface SharedDefinition<P extends Schema, Q extends Schema, R extends Answers> extends SharedPolicy {
  readonly tags: (input: { readonly params: Parsed<P>; readonly query: Parsed<Q> }) => readonly string[];
  readonly key?: (input: {
    readonly params: Parsed<P>;
    readonly query: Parsed<Q>;
  }) => Readonly<Record<string, unknown>>;
  readonly answer: (context: SharedContext<Parsed<P>, Parsed<Q>>) => Promise<Omit<AnswerOf<R>, "headers">>;
}

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
  /** What is answered to whoever is not signed in, out of the cache. Only `GET`, and never where an account is needed. */
  readonly shared?: SharedAnswers | undefined;
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
> extends Omit<Route, "handle" | "access" | "params" | "query" | "body" | "answers" | "shared"> {
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answers: R;
  readonly shared?: A extends "signed-in" ? never : SharedDefinition<P, Q, R>;
  /** Not needed by an `anonymous` route with `shared`: that answers everybody. */
  readonly handle?: (
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
    const { method, path, access, shared, handle } = definition;
    const mistaken = (why: string) => new Error(`${method} ${path}: ${why}`);
    if (definition.idempotent && access !== "signed-in") throw mistaken("only signed-in routes can be idempotent.");
    if (shared && method !== "GET") throw mistaken("only the answer to a GET can be shared.");
    if (shared && access === "signed-in") throw mistaken("what needs an account is shared with nobody.");
    const trouble = shared && policyTrouble(shared);
    if (trouble !== undefined) throw mistaken(trouble);
    const bodiless = shared && Object.entries(definition.answers).find(([status, body]) => !body || !/^2/.test(status));
    if (bodiless) throw mistaken(`what is shared has a 2xx status and a body, and ${bodiless[0]} is none such.`);
    if (!handle && !(shared && access === "anonymous")) throw mistaken("nobody answers it.");
    // The router calls `handle` and `shared` with exactly what these schemas and this access gave.
    const route = definition as unknown as Route;
    return handle ? route : { ...route, handle: uncached(route) };
  };
}

/** A shared answer made for one visitor alone, as fresh as that one needs it. */
function uncached({ shared }: Route): Route["handle"] {
  return async (context: Context<unknown, unknown, unknown, unknown>) => {
    const { params, query, database, freshness } = context;
    const read = <Row>(asked: Query<Row>) => database.read(asked, { freshness });
    // The router made both by the route's own schemas; and only routes with a shared answer lack a handler.
    const shareable = { params, query, database: { read } } as unknown as SharedContext<never, never>;
    return (shared as SharedAnswers).answer(shareable);
  };
}
