import { join } from "node:path";
import { findBinaries } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { startServer, withClient } from "./postgresServer.ts";
import { updateState } from "./state.ts";

/** What befalls real systems, and `Cluster` keeps from happening: a promotion and a return that nobody coordinated. */

/** Makes a standby the primary, and tells no other node: they go on following the old one, until `start` attaches them. */
export async function promoteAlone(cluster: Cluster, heir: string): Promise<void> {
  const { port } = await cluster.resolve(heir);
  await withClient(port, "postgres", (client) => client.query("SELECT pg_promote(true, 15)"));
  await updateState(cluster.root, (state) => ({
    ...state,
    nodes: state.nodes.map((node) => ({ ...node, role: node.name === heir ? "primary" : "replica" })),
  }));
}

/** An old primary comes back as it was, knowing of nothing. `start` ends that: it rebuilds it as a standby. */
export async function comeBack(cluster: Cluster, name: string): Promise<void> {
  const node = await cluster.resolve(name);
  const pid = await startServer({ ...node, logFile: join(cluster.root, "logs", `${name}.log`) }, findBinaries());
  await updateState(cluster.root, (state) => ({
    ...state,
    nodes: state.nodes.map((each) => (each.name === name ? { ...each, pid } : each)),
  }));
}
