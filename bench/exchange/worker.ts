import { WorkerEntrypoint } from "cloudflare:workers";
import { createWorker, routesFor } from "../../src/breakwater.ts";

/** A Worker whose one route does nothing: what is left is the Worker's own work, with and without the exchange. */

export { CacheCoordinator } from "../../objects/cacheCoordinator.ts";
export { CircuitBreaker } from "../../objects/circuitBreaker.ts";
export { Collector } from "../../objects/collector.ts";
export { ReplicaCoordinator } from "../../objects/replicaCoordinator.ts";

const route = routesFor<{ id: string }>();

const worker = createWorker({
  routes: [
    route({
      method: "GET",
      path: "/bench",
      summary: "Nothing",
      access: "anonymous",
      answers: { 204: null },
      handle: () => ({ status: 204 }),
    }),
  ],
  accounts: { credentialOf: () => null, accountOf: async () => null },
  version: "bench",
});

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

export default {
  fetch: (request: Request, env: object, ctx: Context) => worker.fetch(request, env, ctx),
};

/** Says that all is well: what is measured is a calm world, and no database stands behind it. */
export class Prober extends WorkerEntrypoint {
  async sample(question: string): Promise<string> {
    const { nodes } = JSON.parse(question) as { nodes: string[] };
    const well = { inRecovery: false, epoch: "1", position: "1", generation: "1", tookMs: 1, ageMs: 0 };
    return JSON.stringify({ answers: nodes.map((node) => ({ node, outcome: "ok", sample: { ...well, node } })) });
  }
}
