import { env as environment, WorkerEntrypoint } from "cloudflare:workers";
import packageJson from "../package.json";
import { createWorker } from "./createWorker.ts";
import { openApiRoute } from "./http/openApiRoute.ts";
import { accounts, chooseResetDelivery, nightly, problems, refresh, routesWith } from "./marketplace/index.ts";
import openApi from "./marketplace/openapi.generated.json";
import { captureWithToucan } from "./telemetry/errors/toucanClient.ts";
import { logLine } from "./telemetry/logLine.ts";

export { CacheCoordinator } from "../objects/cacheCoordinator.ts";
export { CircuitBreaker } from "../objects/circuitBreaker.ts";
export { Collector } from "../objects/collector.ts";
export { ReplicaCoordinator } from "../objects/replicaCoordinator.ts";

/** Wiring only: the application, the handlers, the object classes, the Prober. */

const worker = createWorker({
  routes: [...routesWith(chooseResetDelivery(environment, logLine)), openApiRoute(openApi)],
  accounts,
  problems,
  nightly,
  refresh,
  version: packageJson.version,
  captureError: captureWithToucan,
  cache: () => caches.default,
});

export default {
  fetch: (request, env, ctx) => worker.fetch(request, env, ctx),
  scheduled: (controller, env, ctx) => worker.scheduled(controller, env, ctx),
} satisfies ExportedHandler<Env>;

/** How objects ask the database: through the Worker itself, so that no object holds database code. */
export class Prober extends WorkerEntrypoint<Env> {
  sample(question: string): Promise<string> {
    return worker.sample(question, this.env);
  }
}
