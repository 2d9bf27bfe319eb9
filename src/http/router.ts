import { type IRequest, Router as IttyRouter } from "itty-router";
import type { Accounts } from "./accounts.ts";
import { setAnswerHeaders } from "./answerHeaders.ts";
import type { Call, Services } from "./call.ts";
import { type Endpoint, endpointOf, serve } from "./endpoint.ts";
import { ProblemError } from "./problem.ts";
import { CORE_PROBLEMS, type Problems } from "./problems.ts";
import type { Account, Route } from "./route.ts";
import { type SharedTarget, sharedTargetOf } from "./sharedTarget.ts";
import { isOurMistake, toResponse } from "./toResponse.ts";

export interface RouterOptions<Who extends Account> {
  readonly routes: readonly Route[];
  readonly accounts: Accounts<Who>;
  /** The application's own kinds of problem; the core's are always there. */
  readonly problems?: Problems;
}

export interface Router {
  /** Answers every request, whatever it is; never rejects. */
  fetch(request: Request, services: Services): Promise<Response>;
  /**
   * What a path with its query (`/api/pitches?genre=drama`) shares with everybody. Undefined: no route has it, or it is
   * shared with nobody. Throws the problem that a visitor would be told.
   */
  sharedTarget(path: string): SharedTarget | undefined;
  /** The template of the route that shares this path's answer, whatever its params and query are worth. */
  sharedRoute(path: string): string | undefined;
}

/**
 * A router over a table of routes: the door, accounts, problems and headers in front of the handlers. Made once, at
 * module scope; all that is of one request comes with `fetch`.
 */
export function createRouter<Who extends Account>({ routes, accounts, problems }: RouterOptions<Who>): Router {
  const registry: Problems = { ...CORE_PROBLEMS, ...problems };
  mustKnowProblems(routes, registry);
  const endpoints = routes.map(endpointOf).sort(literalFirst);
  const itty = IttyRouter<IRequest, [Call], Response>({
    before: [(_request, call) => call.intercept?.(call.request, call.url)],
    catch: (error: unknown, _request, call: Call) => {
      if (isOurMistake(error, registry)) call.report(error, { requestId: call.requestId, path: call.url.pathname });
      return toResponse(error, { problems: registry, path: call.url.pathname, requestId: call.requestId });
    },
    finally: [finish],
  });
  for (const endpoint of endpoints) {
    const handler = ({ params }: IRequest, call: Call) => {
      call.route = endpoint.route.path;
      return serve(endpoint, params, call, accounts);
    };
    itty[endpoint.route.method.toLowerCase()]?.(endpoint.route.path, handler);
    if (endpoint.route.method === "GET") itty.head?.(endpoint.route.path, handler);
  }
  // What is registered so far is what `Allow` speaks of; the last entry answers everything else.
  const table = itty.routes.map(([method, pattern]) => ({ method, pattern }));
  itty.all("*", (_request: IRequest, call: Call) => noSuchRoute(call, table));
  const shared = endpoints.filter(({ route }) => route.shared);
  const sharedAt = (path: string) => {
    const url = URL.parse(path, "https://any.invalid");
    if (!url) return undefined;
    // The first of the table that takes the path, as a request would meet it.
    const [, pattern, , template] =
      itty.routes.find(([method, each]) => method === "GET" && each.test(url.pathname)) ?? [];
    const endpoint = shared.find(({ route }) => route.path === template);
    return pattern && endpoint && url.origin === "https://any.invalid" ? { url, pattern, endpoint } : undefined;
  };
  return {
    sharedTarget: (path) => {
      const found = sharedAt(path);
      if (!found) return undefined;
      const { url, pattern, endpoint } = found;
      return sharedTargetOf(endpoint, pattern.exec(url.pathname)?.groups ?? {}, url.search);
    },
    sharedRoute: (path) => sharedAt(path)?.endpoint.route.path,
    fetch: (request, services) => {
      const url = new URL(request.url);
      // Not the query: itty would parse it as well, in quadratic time for a parameter given thousands of times.
      const asked = { method: request.method, url: url.origin + url.pathname };
      const requestId = request.headers.get("cf-ray") ?? crypto.randomUUID();
      const report = (error: unknown) => services.report(error, { requestId, path: url.pathname });
      return itty.fetch(asked, {
        ...services,
        // The answer is gone: what fails then has nobody else to tell.
        waitUntil: (work) => services.waitUntil(work.catch(report)),
        request,
        url,
        startedAt: services.now(),
        requestId,
        isPersonal: false,
        varies: false,
        route: undefined,
      });
    },
  };
}

/** A misspelt slug would be answered as `internal-error`, at the worst moment: better here, at the start. */
function mustKnowProblems(routes: readonly Route[], registry: Problems): void {
  for (const { method, path, problems = [] } of routes) {
    const unknown = problems.find((slug) => !Object.hasOwn(registry, slug));
    if (unknown !== undefined) throw new Error(`${method} ${path}: no problem is registered as "${unknown}".`);
  }
}

/** Every answer leaves through here. */
async function finish(response: Response, _request: IRequest, call: Call): Promise<Response> {
  const isHead = call.request.method === "HEAD";
  const answer = isHead ? new Response(null, response) : response;
  setAnswerHeaders(answer.headers, {
    requestId: call.requestId,
    isHttps: call.url.protocol === "https:",
    totalMs: call.now() - call.startedAt,
    timings: call.database.timings,
    routes: call.database.routes,
    exposesRoute: call.exposesRoute,
    isPersonal: call.isPersonal,
    varies: call.varies,
  });
  await call.seal?.(answer.headers);
  if (call.route !== undefined) {
    const { route, requestId } = call;
    const ms = call.now() - call.startedAt;
    call.answered?.({ route, method: call.request.method, status: answer.status, ms, requestId });
  }
  return answer;
}

/** 404 for a path nobody has; `Allow` for one that takes other methods, as 405 or as the answer to OPTIONS. */
function noSuchRoute(call: Call, table: readonly { method: string; pattern: RegExp }[]): Response {
  call.route = "other";
  const methods = table.filter(({ pattern }) => pattern.test(call.url.pathname)).map(({ method }) => method);
  if (methods.length === 0) throw new ProblemError("not-found");
  const allow = [...new Set([...methods, "OPTIONS"])].sort().join(", ");
  if (call.request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow: allow } });
  throw new ProblemError("method-not-allowed", { headers: { Allow: allow } });
}

function literalFirst(a: Endpoint, b: Endpoint): number {
  return a.route.path.split(":").length - b.route.path.split(":").length;
}
