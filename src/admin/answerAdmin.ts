import { ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { isAdmin } from "./isAdmin.ts";

const NO_STORE = { "Cache-Control": "no-store" };

/**
 * `/admin/…`: what this isolate knows; undefined for any other path. Throws a problem for whoever is not an admin.
 * `state` is undefined where the configuration is wrong: then nobody is.
 */
export function answerAdmin(
  request: Request,
  url: URL,
  state: IsolateState | undefined,
): Promise<Response> | undefined {
  if (url.pathname !== "/admin" && !url.pathname.startsWith("/admin/")) return undefined;
  return answer(request, url, state);
}

async function answer(request: Request, { pathname }: URL, state: IsolateState | undefined): Promise<Response> {
  if (!state || !(await isAdmin(request, state.config.adminTokens))) throw new ProblemError("unauthenticated");
  if (state.config.mode === "off") return Response.json({ mode: "off" }, { headers: NO_STORE });
  if (pathname !== "/admin/queries") throw new ProblemError("not-found");
  if (request.method !== "GET") throw new ProblemError("method-not-allowed", { headers: { Allow: "GET" } });
  return Response.json({ scope: "isolate", queries: state.database.statistics.snapshot() }, { headers: NO_STORE });
}
