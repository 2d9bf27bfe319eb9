import { openCluster } from "../cluster/createCluster.ts";
import { killServer, runningPid } from "../cluster/postgresServer.ts";

/**
 * Makes Ctrl-C (and SIGTERM, SIGHUP) run `stops`, the last one first, and end. A second one kills the servers and
 * leaves at once. Returns whether that has begun.
 */
export function onInterrupt(root: string, stops: (() => Promise<void>)[]): () => boolean {
  let began = false;
  const interrupt = async () => {
    if (began) {
      await killEverything(root);
      process.exit(130);
    }
    began = true;
    console.log("\nStopping (again to stop at once)");
    try {
      for (const stop of stops.splice(0).reverse()) await stop();
      process.exit(0);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      await killEverything(root);
      process.exit(1);
    }
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupt);
  return () => began;
}

async function killEverything(root: string): Promise<void> {
  const nodes = await openCluster(root)
    .then((cluster) => cluster.nodes())
    .catch(() => []);
  for (const node of nodes) {
    const pid = await runningPid(node);
    if (pid !== undefined) await killServer(pid);
  }
}
