import { join } from "node:path";
import type { Cluster } from "../tools/cluster/cluster.ts";
import { bundleWorker } from "../tools/local/bundleWorker.ts";
import { localEnvironment } from "../tools/local/localEnvironment.ts";
import { startWorker } from "../tools/local/startWorker.ts";
import { startNeonProxy } from "../tools/neon-proxy/startNeonProxy.ts";
import type { Lab } from "./lab.ts";
import { startDatabase } from "./startDatabase.ts";

/** The whole of it in the laboratory, seeded: cluster, Neon endpoint, and the bundled Worker in workerd at `url`. */
export async function startSite(
  lab: Lab,
  { pitches }: { pitches: number },
): Promise<{ cluster: Cluster; url: string; adminToken: string }> {
  const cluster = await startDatabase(lab, { pitches, seed: 1 });
  const nodes = await cluster.nodes();
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const adminToken = "none-of-this-is-public";
  const bundle = await bundleWorker(join(lab.root, "bundle"));
  const local = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken });
  // What is measured is the database behind shared answers, and they are not asked for instead.
  const environment = { ...local, BREAKWATER_MODE_CACHE: "off" };
  const worker = await lab.start(
    () => startWorker({ bundle, environment, port: 0 }),
    (started) => started.close(),
  );
  await worker.scheduled("* * * * *");
  return { cluster, url: worker.url, adminToken };
}
