import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import getPort, { portNumbers } from "get-port";
import { findBinaries } from "./binaries.ts";
import { Cluster, DATABASE } from "./cluster.ts";
import { ClusterError } from "./clusterError.ts";
import { runningPid } from "./postgresServer.ts";
import { type NodeState, readState, updateState } from "./state.ts";

const NODE_NAMES = ["node-1", "node-2", "node-3"] as const;

/** Nodes take the first free ports from here on. Below the range that outgoing connections are given. */
const USUAL_PORT = 15_432;
const PORT_ATTEMPTS = 3;

export interface ClusterOptions {
  /** Where data, logs and `state.json` are kept: `.breakwater` of the checkout. */
  readonly root: string;
  /** Where to look for free ports; default 15432. */
  readonly firstPort?: number;
  /** Told in a few words what is being done. */
  readonly onProgress?: (step: string) => void;
}

/** Makes (or finds again) the cluster below `root` and starts it. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { root, firstPort = USUAL_PORT, onProgress = () => {} } = options;
  const cluster = new Cluster(root, findBinaries());
  await mkdir(join(root, "data"), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const known = (await readState(root))?.nodes ?? [];
    const nodes: NodeState[] = [];
    for (const [index, name] of NODE_NAMES.entries()) {
      // From the second attempt on, somebody else took a port between the look and the start: other ones, then.
      nodes.push(
        await placeNode(root, name, index === 0 ? "primary" : "replica", firstPort + 10 * (attempt - 1), known),
      );
    }
    await updateState(root, (state) => ({ ...state, nodes }));
    try {
      await cluster.up(onProgress);
      return cluster;
    } catch (error) {
      const isTaken = error instanceof ClusterError && error.code === "port-taken";
      if (!isTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** The cluster that another process started. Throws when there is none. */
export async function openCluster(root: string): Promise<Cluster> {
  const state = await readState(root);
  if (!state || state.nodes.length === 0) {
    throw new ClusterError("not-running", "No cluster is running here: `npm start` starts one.");
  }
  return new Cluster(root, findBinaries());
}

async function placeNode(
  root: string,
  name: string,
  firstRole: NodeState["role"],
  firstPort: number,
  known: readonly NodeState[],
): Promise<NodeState> {
  const before = known.find((node) => node.name === name);
  const dataDir = join(root, "data", name);
  const leftover = before ? await runningPid({ dataDir }) : undefined;
  // A leftover still holds its port; it is stopped before the node is started again.
  const port =
    before && leftover !== undefined ? before.port : await getPort({ port: portNumbers(firstPort, firstPort + 99) });
  const role = before?.role ?? firstRole;
  const connectionString = `postgres://breakwater:breakwater@127.0.0.1:${port}/${DATABASE}`;
  return { name, role, host: "127.0.0.1", port, pid: null, dataDir, connectionString };
}
