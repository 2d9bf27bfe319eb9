import type * as z from "zod/mini";
import type { Access, Account, Answer, Context, Route } from "./route.ts";

/** What a schema makes of its input; `undefined` where the route declares none. */
type Parsed<Schema> = Schema extends z.ZodMiniType ? z.output<Schema> : undefined;

/** Who the handler meets, by the route's access. */
type Visitor<Allowed extends Access, Who> = Allowed extends "signed-in"
  ? Who
  : Allowed extends "optional"
    ? Who | null
    : null;

/** A route as its author writes it: the handler's context and its statuses follow from the schemas. */
export type RouteDefinition<
  Who extends Account,
  Allowed extends Access,
  Params,
  Search,
  Body,
  Status extends number,
> = Omit<Route, "access" | "params" | "query" | "body" | "answers" | "handle"> & {
  readonly access: Allowed;
  readonly params?: Params;
  readonly query?: Search;
  readonly body?: Body;
  readonly answers: Readonly<Record<Status, z.ZodMiniType | null>>;
  readonly handle: (
    context: Context<Parsed<Params>, Parsed<Search>, Parsed<Body>, Visitor<Allowed, Who>>,
  ) => Promise<Omit<Answer, "status"> & { readonly status: NoInfer<Status> }>;
};

type Schema = z.ZodMiniType | undefined;

/**
 * Makes the `route` function of an application whose resolver answers accounts of type `Who`.
 *
 * @example
 * export const route = routesFor<{ id: string; role: string }>();
 */
export function routesFor<Who extends Account>() {
  return <
    Allowed extends Access,
    Status extends number,
    Params extends Schema = undefined,
    Search extends Schema = undefined,
    Body extends Schema = undefined,
  >(
    definition: RouteDefinition<Who, Allowed, Params, Search, Body, Status>,
  ): Route => {
    // The schemas' types are known to the handler alone: to the router each is just a schema. A key that is present
    // with `undefined` means the same as an absent one.
    return definition as unknown as Route;
  };
}

/**
 * An endpoint as data, its handler's context typed by its schemas. A handler answers only statuses it declares.
 *
 * @example
 * route({
 *   method: "GET",
 *   path: "/api/greetings/:name",
 *   summary: "Greets",
 *   access: "anonymous",
 *   params: z.object({ name: z.string() }),
 *   answers: { 200: z.object({ hello: z.string() }) },
 *   handle: async ({ params }) => ({ status: 200, body: { hello: params.name } }),
 * });
 */
export const route = routesFor<Account>();
