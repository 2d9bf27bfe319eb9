import { resolve } from "node:path";
import { openCluster } from "../../cluster/createCluster.ts";
import { readState } from "../../cluster/state.ts";
import type { BreakerAccess } from "./breakerGate.ts";

export interface TargetOptions {
  readonly databaseUrl?: string;
  readonly replicaUrl?: readonly string[];
  readonly breakerUrl?: string;
  readonly adminToken?: string;
  readonly breakerUnknown?: "wait" | "go";
}

/** Where to work, and whom to ask about it: what was given, else what runs here. */
export interface Target {
  readonly connectionString: string;
  readonly replicaUrls: readonly string[];
  readonly breaker?: BreakerAccess;
}

/** A database that was named has the replicas and the breaker that were named with it; the running cluster has its own. */
export async function targetOf(options: TargetOptions): Promise<Target> {
  const ifUnknown = options.breakerUnknown ?? "wait";
  const given =
    options.breakerUrl === undefined
      ? undefined
      : { url: options.breakerUrl, adminToken: options.adminToken ?? "", ifUnknown };
  if (options.databaseUrl !== undefined) {
    const replicaUrls = options.replicaUrl ?? [];
    return { connectionString: options.databaseUrl, replicaUrls, ...(given ? { breaker: given } : {}) };
  }
  const root = resolve(".breakwater");
  const cluster = await openCluster(root);
  const { connectionString } = await cluster.resolve("primary");
  const replicas = (await cluster.nodes()).filter(({ role, pid }) => role === "replica" && pid !== null);
  const { url, adminToken } = (await readState(root)) ?? {};
  const breaker = given ?? (url && adminToken ? { url, adminToken, ifUnknown } : undefined);
  return {
    connectionString,
    replicaUrls: options.replicaUrl ?? replicas.map((node) => node.connectionString),
    ...(breaker ? { breaker } : {}),
  };
}
