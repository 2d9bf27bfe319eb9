import { randomBytes } from "node:crypto";
import type { Cluster } from "../cluster/cluster.ts";
import { createCluster, openCluster } from "../cluster/createCluster.ts";
import { acquireRun } from "../cluster/runLock.ts";
import { updateState } from "../cluster/state.ts";
import { migrate } from "../migrate/migrate.ts";
import { type NeonProxy, startNeonProxy } from "../neon-proxy/startNeonProxy.ts";
import { seed } from "../seed/seed.ts";
import { firstIndexes } from "./firstIndexes.ts";
import { localEnvironment } from "./localEnvironment.ts";

/** The usual port of the local Neon endpoint; another one when it is taken. */
const USUAL_PROXY_PORT = 4444;

export interface SystemOptions {
  readonly root: string;
  /** Pitches to seed an empty database with. */
  readonly pitches: number;
  readonly onProgress?: (step: string) => void;
}

/** Cluster, endpoint and data, ready for a Worker. */
export interface System {
  readonly cluster: Cluster;
  readonly proxy: NeonProxy;
  readonly adminToken: string;
  readonly environment: Record<string, string>;
  /** Puts the Worker's address into `state.json`. */
  announce(url: string): Promise<void>;
  /** Stops everything that was started, in the right order. */
  stop(): Promise<void>;
}

/** Starts everything below the Worker. Whatever fails, what was started before it is stopped. */
export async function startSystem({ root, pitches, onProgress = () => {} }: SystemOptions): Promise<System> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    undo.push(await acquireRun(root));
    undo.push(() => forgetRun(root));
    undo.push(async () => (await openCluster(root)).shutdown());
    const cluster = await createCluster({ root, onProgress });
    const nodes = await cluster.nodes();
    const proxy = await startNeonProxy({
      port: USUAL_PROXY_PORT,
      resolve: (label) => nodes.find(({ name }) => name === label),
    });
    undo.push(() => proxy.close());
    const { connectionString } = await cluster.resolve("primary");
    onProgress("applying migrations");
    await migrate({ connectionString });
    onProgress("indexes of phase 1, where there is no data yet");
    const missing = await firstIndexes(connectionString);
    if (missing !== undefined) onProgress(missing);
    onProgress("seeding pitches from real films");
    await seed({ connectionString, pitches, seed: 1, onlyIfEmpty: true });
    const adminToken = randomBytes(24).toString("base64url");
    await updateState(root, (state) => ({
      ...state,
      pid: process.pid,
      adminToken,
      proxy: { url: proxy.url, pid: process.pid },
    }));
    return {
      cluster,
      proxy,
      adminToken,
      environment: localEnvironment({ nodes, proxyUrl: proxy.url, adminToken }),
      announce: async (url) => {
        await updateState(root, (state) => ({ ...state, url }));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What only a running system has. */
async function forgetRun(root: string): Promise<void> {
  await updateState(root, ({ nodes }) => ({ nodes }));
}
