import { inject } from "vitest";
import type { Cluster } from "../../../tools/cluster/cluster.ts";
import { localEnvironment } from "../../../tools/local/localEnvironment.ts";
import { type LocalWorker, startWorker, type WorkerOptions } from "../../../tools/local/startWorker.ts";
import { migrate } from "../../../tools/migrate/migrate.ts";
import { type NeonProxy, type NeonProxyOptions, startNeonProxy } from "../../../tools/neon-proxy/startNeonProxy.ts";
import { seed } from "../../../tools/seed/seed.ts";
import { startTestCluster } from "./cluster.ts";

export const ADMIN_TOKEN = "an-admin-token-for-tests";

/** The whole system: a cluster with data, the Neon endpoint, the bundled Worker in workerd. */
export interface TestSystem {
  readonly cluster: Cluster;
  readonly proxy: NeonProxy;
  readonly worker: LocalWorker;
  /** The Worker's variables and secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Another Worker over the same cluster: an isolate and objects of its own, with other variables. */
  another(
    environment: Record<string, string>,
    options?: Pick<WorkerOptions, "objectStorage" | "hasObjects">,
  ): Promise<LocalWorker>;
  stop(): Promise<void>;
}

interface SystemOptions {
  /** Whether answers are shared. Default `off`: what is to be seen is the database behind them. */
  readonly cache?: "on" | "off";
  /** Told of what nodes are asked. */
  readonly onStatements?: NeonProxyOptions["onStatements"];
}

export async function startTestSystem(pitches = 1_000, options: SystemOptions = {}): Promise<TestSystem> {
  const { cache = "off", onStatements } = options;
  const bed = await startTestCluster();
  const { cluster } = bed;
  const { connectionString } = await cluster.resolve("primary");
  await migrate({ connectionString });
  await seed({ connectionString, pitches, seed: 1 });
  const nodes = await cluster.nodes();
  const proxy = await startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label), onStatements });
  const local = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: ADMIN_TOKEN });
  const environment = { ...local, BREAKWATER_MODE_CACHE: cache };
  const workers: LocalWorker[] = [];
  const another: TestSystem["another"] = async (changes, options = {}) => {
    const worker = await startWorker({
      bundle: inject("bundle"),
      environment: { ...environment, ...changes },
      port: 0,
      ...options,
    });
    workers.push(worker);
    return worker;
  };
  const worker = await another({});
  return {
    cluster,
    proxy,
    worker,
    environment,
    another,
    stop: async () => {
      for (const each of workers) await each.close();
      await proxy.close();
      await bed.stop();
    },
  };
}
