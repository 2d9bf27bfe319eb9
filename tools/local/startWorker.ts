import { join } from "node:path";
import getPort from "get-port";
import { Log, LogLevel, Miniflare } from "miniflare";
import type { Bundle } from "./bundleWorker.ts";

/** As in wrangler.toml; Miniflare takes them by itself. */
const COMPATIBILITY_DATE = "2026-07-30";
const COMPATIBILITY_FLAGS = ["nodejs_compat"];
const DURABLE_OBJECTS = {
  COLLECTOR: { className: "Collector", useSQLite: true },
  CIRCUIT_BREAKER: { className: "CircuitBreaker", useSQLite: true },
  REPLICA_COORDINATOR: { className: "ReplicaCoordinator", useSQLite: true },
  CACHE_COORDINATOR: { className: "CacheCoordinator", useSQLite: true },
};
const USUAL_PORT = 8787;

export interface LocalWorker {
  readonly url: string;
  /** Fires a cron trigger. */
  scheduled(cron: string, scheduledTime?: Date): Promise<void>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  readonly bundle: Bundle;
  readonly environment: Readonly<Record<string, string>>;
  /** 0: any free one. Default: the usual one, another when it is taken. */
  readonly port?: number;
  /** Hyperdrive bindings by name: Postgres addresses. */
  readonly hyperdrives?: Readonly<Record<string, string>>;
}

/** The bundled Worker in workerd, on loopback. */
export async function startWorker({ bundle, environment, port, hyperdrives }: WorkerOptions): Promise<LocalWorker> {
  const before = listeners();
  const miniflare = new Miniflare({
    name: "breakwater",
    host: "127.0.0.1",
    port: 0,
    // Straight to the Worker: Miniflare's own door in front of it costs a millisecond, and several at the slow end.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: port ?? (await getPort({ port: USUAL_PORT })) }],
    modulesRoot: bundle.folder,
    modules: [
      { type: "ESModule", path: bundle.main },
      ...bundle.wasm.map((file) => ({ type: "CompiledWasm" as const, path: join(bundle.folder, file) })),
    ],
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: COMPATIBILITY_FLAGS,
    bindings: { ...environment },
    durableObjects: DURABLE_OBJECTS,
    ...(hyperdrives ? { hyperdrives: { ...hyperdrives } } : {}),
    cf: false, // a made-up one: fetching a real one would leave this machine
    log: new Log(LogLevel.WARN),
  });
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL("breakwater")).origin;
  removeNew(before);
  return {
    url,
    scheduled: async (cron, scheduledTime = new Date()) => {
      const worker = await miniflare.getWorker();
      await worker.scheduled({ cron, scheduledTime });
    },
    close: () => miniflare.dispose(),
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function listeners() {
  return SIGNALS.map((name) => ({ name, known: new Set(process.listeners(name)) }));
}

/**
 * Takes off the signal listeners that Miniflare added: they end the process at the first signal, before the cluster
 * could be stopped. `close` does what they would do.
 */
function removeNew(before: ReturnType<typeof listeners>): void {
  for (const { name, known } of before) {
    for (const listener of process.listeners(name)) if (!known.has(listener)) process.off(name, listener);
  }
}
