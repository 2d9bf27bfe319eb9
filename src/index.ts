import { WorkerEntrypoint } from "cloudflare:workers";
import packageJson from "../package.json";
import { answerAdmin } from "./admin/answerAdmin.ts";
import { isAdmin } from "./admin/isAdmin.ts";
import { AfterEvents } from "./afterEvent.ts";
import { CRONS } from "./cronTriggers.ts";
import { missingDatabase } from "./database/missingDatabase.ts";
import { openDatabase } from "./database/openDatabase.ts";
import { answerHealth, isHealth } from "./health/answerHealth.ts";
import { openApiRoute } from "./http/openApiRoute.ts";
import { createRouter } from "./http/router.ts";
import { createIsolate, type IsolateState, requestOptions } from "./isolate.ts";
import { accounts, nightly, problems, routes } from "./marketplace/index.ts";
import openApi from "./marketplace/openapi.generated.json";
import { observeRequest } from "./observeRequest.ts";
import { answerProbes } from "./prober.ts";
import { runCron } from "./scheduled.ts";
import { settleIn } from "./settleIn.ts";

export { CacheCoordinator } from "../objects/cacheCoordinator.ts";
export { CircuitBreaker } from "../objects/circuitBreaker.ts";
export { Collector } from "../objects/collector.ts";
export { ReplicaCoordinator } from "../objects/replicaCoordinator.ts";

/** Wiring only: the isolate, the router over the application's routes, health, admin, crons, objects, the Prober. */

const table = [...routes, openApiRoute(openApi)];
const isolate = createIsolate(() => ({
  cache: caches.default,
  known: { route: table.map(({ path }) => path), cron: CRONS, version: [packageJson.version] },
}));
const router = createRouter({ routes: table, accounts, problems });
const afterEvents = new AfterEvents();

export default {
  async fetch(request, env, ctx) {
    const { state, trouble } = stateOf(env);
    if (state) settleIn(state, request);
    const observer = observeRequest(state, request, ctx, packageJson.version);
    const database = state ? openDatabase(state.database, requestOptions(state, ctx)) : missingDatabase(trouble);
    const response = await router.fetch(request, {
      database,
      now: Date.now,
      waitUntil: (work) => ctx.waitUntil(work),
      exposesRoute: state !== undefined && (await exposesRoute(state, request)),
      intercept: (asked, url) =>
        isHealth(asked, url)
          ? answerHealth(asked, url, state, trouble, packageJson.version, ctx)
          : answerAdmin(asked, url, state, packageJson.version, ctx),
      report: observer.report,
      answered: observer.answered,
    });
    ctx.waitUntil(database.close());
    if (state) afterEvents.afterEvent(state, ctx, observer.isTraffic ? "traffic" : "question");
    return response;
  },

  async scheduled(controller, env, ctx) {
    const state = isolate.state(env);
    await runCron(controller, state, ctx, { nightly });
    afterEvents.afterEvent(state, ctx, "question");
  },
} satisfies ExportedHandler<Env>;

/** How objects ask the database: through the Worker itself, so that no object holds database code. */
export class Prober extends WorkerEntrypoint<Env> {
  sample(question: string): Promise<string> {
    return answerProbes(isolate.state(this.env), question);
  }
}

/** The isolate's state, or why there is none. */
function stateOf(env: Env): { state?: IsolateState; trouble?: unknown } {
  try {
    return { state: isolate.state(env) };
  } catch (trouble) {
    return { trouble };
  }
}

async function exposesRoute({ config }: IsolateState, request: Request): Promise<boolean> {
  if (config.mode === "off" || config.exposeRoute === "off") return false;
  return config.exposeRoute === "always" || (await isAdmin(request, config.adminTokens));
}
