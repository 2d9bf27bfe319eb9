import { cacheKey } from "../cache/cacheKey.ts";
import { type Endpoint, readParams } from "./endpoint.ts";
import { ProblemError } from "./problem.ts";
import { readQuery } from "./readQuery.ts";
import type { SharedAsk } from "./sharedDoor.ts";

/** A route's shared answer, for certain params and query: what is loaded, and what it is called. */
export type SharedTarget = Pick<SharedAsk, "key" | "route" | "shared" | "params" | "query">;

/** Undefined where the endpoint shares no answer. */
export function sharedTarget({ route, defaults }: Endpoint, params: unknown, query: unknown): SharedTarget | undefined {
  const { shared } = route;
  if (!shared) return undefined;
  const keyed = shared.key?.({ params, query } as never) ?? asRecord(query); // of the route's own schemas
  const key = cacheKey({
    template: route.path,
    params: asRecord(params),
    query: keyed,
    defaults,
    version: shared.version,
  });
  return { key, route, shared, params, query };
}

/** The same for a path with its query, as a visitor would send it. Throws the problem that visitor would be told. */
export function sharedTargetOf(
  endpoint: Endpoint,
  rawParams: Readonly<Record<string, string>>,
  search: string,
): SharedTarget {
  const { route, queryNames } = endpoint;
  const params = readParams(route, rawParams);
  const query = route.query && readQuery(search, queryNames, route.query);
  const target = sharedTarget(endpoint, params, query);
  if (!target) throw new ProblemError("not-found");
  return target;
}

/** What an object schema gave. */
function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
