import { join } from "node:path";
import type { Lab } from "../../bench/lab.ts";
import { startDatabase } from "../../bench/startDatabase.ts";
import { bundleWorker } from "../local/bundleWorker.ts";
import { localEnvironment } from "../local/localEnvironment.ts";
import { startWorker } from "../local/startWorker.ts";
import { startNeonProxy } from "../neon-proxy/startNeonProxy.ts";
import { openLetterBox } from "./letterBox.ts";

const ADMIN_TOKEN = "an-admin-token-for-the-fuzz";

/** A system to fuzz, in a laboratory: a cluster with data, the Neon endpoint and the bundled Worker. */
export async function startTarget(lab: Lab): Promise<{ readonly url: string; readonly connectionString: string }> {
  const say = (step: string) => console.error(`  ${step}`);
  say("bundling the Worker");
  const bundle = await lab.start(
    () => bundleWorker(join(lab.root, "bundle")),
    async () => {},
  );
  const cluster = await startDatabase(lab, { pitches: 1_000, seed: 1 });
  const nodes = await cluster.nodes();
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const letters = await lab.start(openLetterBox, (opened) => opened.close());
  const local = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: ADMIN_TOKEN });
  const environment = { ...local, ...letters.environment };
  say("starting the Worker");
  const worker = await lab.start(
    () => startWorker({ bundle, environment, port: 0 }),
    (started) => started.close(),
  );
  const { connectionString } = await cluster.resolve("primary");
  return { url: worker.url, connectionString };
}
