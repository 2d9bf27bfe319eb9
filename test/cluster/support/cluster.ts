import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../../tools/cluster/cluster.ts";
import { createCluster } from "../../../tools/cluster/createCluster.ts";

/** A cluster of its own for one test file, in a temporary directory. `stop` ends every process and deletes it. */
export async function startTestCluster(): Promise<{ cluster: Cluster; root: string; stop: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "breakwater-"));
  const cluster = await createCluster({ root, firstPort: ownPorts() });
  return {
    cluster,
    root,
    stop: async () => {
      await cluster.shutdown();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A range that other test files, and a system that runs beside the tests, do not look into. */
function ownPorts(): number {
  return 16_000 + (process.pid % 140) * 100;
}
