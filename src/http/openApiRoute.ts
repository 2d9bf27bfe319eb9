import * as z from "zod/mini";
import { type Account, type Route, routesFor } from "./route.ts";

/** `GET /openapi.json`: the description of an application's routes, as the build made it from them. */
export function openApiRoute(document: { readonly openapi: string }): Route {
  return routesFor<Account>()({
    method: "GET",
    path: "/openapi.json",
    summary: "This description of the API",
    access: "anonymous",
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    handle: () => ({ status: 200, body: { ...document } }),
  });
}
