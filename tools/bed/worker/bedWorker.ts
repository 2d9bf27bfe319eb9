import { WorkerEntrypoint } from "cloudflare:workers";
import { CacheCoordinator as ProductionCacheCoordinator } from "../../../objects/cacheCoordinator.ts";
import { CircuitBreaker as ProductionCircuitBreaker } from "../../../objects/circuitBreaker.ts";
import { Collector as ProductionCollector } from "../../../objects/collector.ts";
import { ReplicaCoordinator as ProductionReplicaCoordinator } from "../../../objects/replicaCoordinator.ts";
import packageJson from "../../../package.json";
import type { CopyStore } from "../../../src/cache/tiers/cacheApi.ts";
import { createWorker } from "../../../src/createWorker.ts";
import { openApiRoute } from "../../../src/http/openApiRoute.ts";
import { accounts, nightly, problems, routes } from "../../../src/marketplace/index.ts";
import openApi from "../../../src/marketplace/openapi.generated.json";
import type { BreakableClass, CopyFault, ObjectFault } from "../bedFaults.ts";
import { breakable } from "./breakable.ts";
import { BreakableCopy } from "./breakableCopy.ts";
import { faultTable } from "./faultTable.ts";

/**
 * The Worker of the test bed: `src/index.ts` with faults to order. One script for all roles: the host has the objects
 * and the Prober, the isolates are Workers of other names bound to them. Never deployed.
 */

interface BedEnv {
  /** Where this isolate is. */
  readonly BED_COLO?: string;
  readonly BED_CONTINENT?: string;
  /** `no`: a Worker that may not use the Cache API. */
  readonly BED_CACHE?: string;
}

let colo = "none";
const copy = new BreakableCopy(() => ofColo(caches.default));
let hasCache = true;

const worker = createWorker({
  routes: [...routes, openApiRoute(openApi)],
  accounts,
  problems,
  nightly,
  version: packageJson.version,
  cache: () => (hasCache ? copy : undefined),
});

export default {
  async fetch(request, env, ctx) {
    const { BED_COLO, BED_CONTINENT, BED_CACHE } = env;
    hasCache = BED_CACHE !== "no";
    colo = BED_COLO ?? "none";
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/__bed/")) return order(pathname, request);
    const cf = { colo: BED_COLO ?? "none", continent: BED_CONTINENT ?? "" };
    return worker.fetch(new Request(request, { cf } as RequestInit), env, ctx);
  },
  scheduled: (controller, env, ctx) => worker.scheduled(controller, env, ctx),
} satisfies ExportedHandler<BedEnv>;

export class Collector extends ProductionCollector {}
export class CircuitBreaker extends ProductionCircuitBreaker {}
export class ReplicaCoordinator extends ProductionReplicaCoordinator {}
export class CacheCoordinator extends ProductionCacheCoordinator {}

class ProductionProber extends WorkerEntrypoint<object> {
  sample(question: string): Promise<string> {
    return worker.sample(question, this.env);
  }
}
export class Prober extends ProductionProber {}

for (const [cls, subclass] of Object.entries({
  Collector,
  CircuitBreaker,
  ReplicaCoordinator,
  CacheCoordinator,
  Prober,
})) {
  breakable(cls as BreakableClass, subclass);
}

/** All Workers of one Miniflare share one Cache API; each colo has its own. */
function ofColo(store: CopyStore): CopyStore {
  const here = (key: string) => `${key}${key.includes("?") ? "&" : "?"}bed-colo=${colo}`;
  return { match: (key) => store.match(here(key)), put: (key, response) => store.put(here(key), response) };
}

/**
 * `PUT /__bed/objects` orders an object fault, `DELETE` lifts all; `PUT /__bed/copy` orders one of the colo copy, or
 * none. They answer how many calls or uses met the faults that were there.
 */
async function order(pathname: string, request: Request): Promise<Response> {
  if (request.method === "DELETE") return Response.json({ met: faultTable.clear() });
  if (pathname === "/__bed/copy") {
    const { fault } = await request.json<{ fault: CopyFault | null }>();
    return Response.json({ met: copy.order(fault) });
  }
  const { cls, method, fault } = await request.json<{ cls: BreakableClass; method: string; fault: ObjectFault }>();
  faultTable.order(cls, method, fault);
  return Response.json({ met: 0 });
}
