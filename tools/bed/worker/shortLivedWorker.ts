import { WorkerEntrypoint } from "cloudflare:workers";
import { createWorker } from "../../../src/createWorker.ts";
import { accounts, problems, routes } from "../../../src/marketplace/index.ts";

export { CacheCoordinator } from "../../../objects/cacheCoordinator.ts";
export { CircuitBreaker } from "../../../objects/circuitBreaker.ts";
export { Collector } from "../../../objects/collector.ts";
export { ReplicaCoordinator } from "../../../objects/replicaCoordinator.ts";

/** The marketplace with shared answers whose end a test sees; they live just as long as KV takes any. */
const SHORT = { fresh: { floor: 1, ceiling: 1 }, staleWhileRevalidate: 3, staleIfError: 65 };

const worker = createWorker({
  routes: routes.map((route) => (route.shared ? { ...route, shared: { ...route.shared, ...SHORT } } : route)),
  accounts,
  problems,
  version: "short-lived",
  cache: () => caches.default,
});

export default {
  fetch: (request, env, ctx) => worker.fetch(request, env, ctx),
  scheduled: (controller, env, ctx) => worker.scheduled(controller, env, ctx),
} satisfies ExportedHandler<object>;

export class Prober extends WorkerEntrypoint<object> {
  sample(question: string): Promise<string> {
    return worker.sample(question, this.env);
  }
}
