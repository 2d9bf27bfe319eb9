import { join } from "node:path";
import type { Bundle } from "./bundleWorker.ts";

/** As in wrangler.toml; Miniflare takes them by itself. */
const COMPATIBILITY_DATE = "2026-07-30";
const COMPATIBILITY_FLAGS = ["nodejs_compat"];

/** The bindings of the objects and their classes, as in wrangler.toml. `scriptName`: the Worker that has the classes. */
export function durableObjects(scriptName?: string) {
  const designator = (className: string) => ({ className, useSQLite: true, ...(scriptName ? { scriptName } : {}) });
  return {
    COLLECTOR: designator("Collector"),
    CIRCUIT_BREAKER: designator("CircuitBreaker"),
    REPLICA_COORDINATOR: designator("ReplicaCoordinator"),
    CACHE_COORDINATOR: designator("CacheCoordinator"),
  };
}

/** One bundled Worker, as Miniflare is told of it. */
export function workerdOptions(bundle: Bundle, environment: Readonly<Record<string, string>>) {
  return {
    modulesRoot: bundle.folder,
    modules: [
      { type: "ESModule" as const, path: bundle.main },
      ...bundle.wasm.map((file) => ({ type: "CompiledWasm" as const, path: join(bundle.folder, file) })),
    ],
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: COMPATIBILITY_FLAGS,
    bindings: { ...environment },
    // One namespace for all Workers of one Miniflare. It is kept in memory, and shows each write at once.
    kvNamespaces: { CACHE: "breakwater-cache" },
  };
}
