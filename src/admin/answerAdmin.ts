import type { EventContext } from "../eventContext.ts";
import { ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { adminBreaker } from "./adminBreaker.ts";
import { adminCache } from "./adminCache.ts";
import { adminCollector } from "./adminCollector.ts";
import { adminCron } from "./adminCron.ts";
import { adminHealth } from "./adminHealth.ts";
import { adminOverview } from "./adminOverview.ts";
import { adminQueries } from "./adminQueries.ts";
import { adminReplicas } from "./adminReplicas.ts";
import { holdNode, reincarnateBreaker, releaseNode } from "./breakerOrders.ts";
import { purgeTags } from "./cacheOrders.ts";
import { isAdmin } from "./isAdmin.ts";
import { metrics } from "./metrics.ts";
import { orderDrain, orderPrimary } from "./replicaOrders.ts";

const NO_STORE = { "Cache-Control": "no-store" };

/** What an endpoint is given besides the isolate. */
export interface AdminCall {
  readonly request: Request;
  readonly version: string;
  readonly ctx: EventContext;
  /** The template of the route that shares a path's answer. */
  readonly sharedRoute: (path: string) => string | undefined;
}

type Endpoint = (state: IsolateState, call: AdminCall) => unknown;

/** Every figure in their answers has its age: of the object's word, or of the isolate's own. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "/admin": adminOverview,
  "/admin/breaker": adminBreaker,
  "/admin/replicas": adminReplicas,
  "/admin/cache": adminCache,
  "/admin/health": adminHealth,
  "/admin/collector": adminCollector,
  "/admin/cron": adminCron,
  "/admin/queries": adminQueries,
};

/** What changes something; durable before the answer. */
const ORDERS: Readonly<Record<string, Endpoint>> = {
  "/admin/cache/purge": purgeTags,
  "/admin/replicas/primary": orderPrimary,
  "/admin/breaker/hold": holdNode,
  "/admin/breaker/release": releaseNode,
  "/admin/breaker/reincarnate": reincarnateBreaker,
};

/**
 * `/admin/…` and `/metrics`: what the objects and this isolate know; undefined for any other path. Throws a problem for
 * whoever is not an admin. `state` is undefined where the configuration is wrong: then nobody is.
 */
export function answerAdmin(
  request: Request,
  url: URL,
  state: IsolateState | undefined,
  call: Omit<AdminCall, "request">,
): Promise<Response> | undefined {
  const { pathname } = url;
  if (pathname !== "/metrics" && pathname !== "/admin" && !pathname.startsWith("/admin/")) return undefined;
  return answer(pathname, state, { request, ...call });
}

/** `/admin/replicas/{node}/drain` and `/resume`. */
function drainOrder(pathname: string): Endpoint | undefined {
  const [, node, kind] = /^\/admin\/replicas\/([a-z][a-z0-9-]{0,30})\/(drain|resume)$/.exec(pathname) ?? [];
  if (node === undefined || (kind !== "drain" && kind !== "resume")) return undefined;
  return (state, call) => orderDrain(state, call, kind, node);
}

async function answer(pathname: string, state: IsolateState | undefined, call: AdminCall): Promise<Response> {
  const { request } = call;
  if (!state || !(await isAdmin(request, state.config.adminTokens))) throw new ProblemError("unauthenticated");
  const order = ORDERS[pathname] ?? drainOrder(pathname);
  const endpoint = order ?? ENDPOINTS[pathname];
  if (pathname !== "/metrics" && !endpoint) throw new ProblemError("not-found");
  const methods = order ? ["POST"] : ["GET", "HEAD"];
  if (!methods.includes(request.method)) {
    throw new ProblemError("method-not-allowed", { headers: { Allow: methods.join(", ") } });
  }
  if (pathname === "/metrics") return metrics(state, call);
  if (state.config.mode === "off") return Response.json({ mode: "off" }, { headers: NO_STORE });
  return Response.json(await endpoint?.(state, call), { headers: NO_STORE });
}
