import { join } from "node:path";
import { Option } from "commander";
import { steadily } from "../tools/load/steadily.ts";
import { bundleWorker } from "../tools/local/bundleWorker.ts";
import { localEnvironment } from "../tools/local/localEnvironment.ts";
import { startWorker } from "../tools/local/startWorker.ts";
import { startNeonProxy } from "../tools/neon-proxy/startNeonProxy.ts";
import type { Bench } from "./bench.ts";
import type { Lab } from "./lab.ts";
import { percentiles } from "./percentiles.ts";
import { startDatabase } from "./startDatabase.ts";

const PITCHES = 5_000;

/** What visitors see of two outages: the replica they read from is killed, then the primary is frozen. */
export const outageBench: Bench = {
  name: "outage",
  summary: "failed reads while a replica is killed under 50 requests a second; /health at 200 a second, primary frozen",
  options: [new Option("--seconds <n>", "how long each part lasts").default(10).argParser(Number)],
  run: async (lab, { seconds }) => {
    const { cluster, url } = await startAll(lab);
    const forMs = Math.max(2, Number(seconds) || 10) * 1_000;
    const browse = () => ask(`${url}/api/pitches?limit=20`);
    for (let warm = 0; warm < 50; warm++) await browse();

    console.error("  killing a replica under 50 reads a second");
    const victim = (await browse()).route.split(";")[0] ?? "";
    const reads = steadily(50, forMs, browse);
    await reads.after(forMs / 3, () => cluster.kill(victim));
    const read = await reads.answers;
    await cluster.start(victim);

    console.error("  freezing the primary under 200 health checks a second");
    await cluster.pause("primary");
    const health = await steadily(200, forMs, () => ask(`${url}/health`)).answers;
    await cluster.resume("primary");
    return {
      reads: read.length,
      failedReads: read.filter(({ status }) => status !== 200).length,
      read: percentiles(read.map(({ ms }) => ms)),
      healthChecks: health.length,
      failedHealthChecks: health.filter(({ status }) => status !== 200).length,
      health: percentiles(health.map(({ ms }) => ms)),
    };
  },
};

async function startAll(lab: Lab) {
  const cluster = await startDatabase(lab, { pitches: PITCHES, seed: 1 });
  const nodes = await cluster.nodes();
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const bundle = await bundleWorker(join(lab.root, "bundle"));
  const environment = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: "none-of-this-is-public" });
  const worker = await lab.start(
    () => startWorker({ bundle, environment, port: 0 }),
    (started) => started.close(),
  );
  await worker.scheduled("* * * * *");
  return { cluster, url: worker.url };
}

async function ask(url: string): Promise<{ status: number; ms: number; route: string }> {
  const startedAt = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  const route = response.headers.get("Breakwater-Route") ?? "";
  return { status: response.status, ms: performance.now() - startedAt, route };
}
