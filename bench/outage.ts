import { Agent, request } from "node:http";
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

    console.error("  200 health checks a second, all well, and what asks for nothing at all beside them");
    const live = await steadily(200, forMs, () => ask(`${url}/health/live`)).answers;
    const well = await steadily(200, forMs, () => ask(`${url}/health`)).answers;
    console.error("  the same with the primary frozen");
    await cluster.pause("primary");
    const frozen = await steadily(200, forMs, () => ask(`${url}/health`)).answers;
    await cluster.resume("primary");
    return {
      reads: read.length,
      failedReads: failed(read),
      read: times(read),
      healthChecks: well.length + frozen.length,
      failedHealthChecks: failed(well) + failed(frozen),
      live: times(live),
      health: times(well),
      healthFrozen: times(frozen),
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

interface Answered {
  readonly status: number;
  readonly ms: number;
  readonly route: string;
}

const failed = (answers: readonly Answered[]) => answers.filter(({ status }) => status !== 200).length;
const times = (answers: readonly Answered[]) => percentiles(answers.map(({ ms }) => ms));

const agent = new Agent({ keepAlive: true });

/** By `node:http`: `fetch` costs the client a millisecond more, and ten at the slow end. */
function ask(url: string): Promise<Answered> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      response.resume();
      response.on("end", () => {
        const route = String(response.headers["breakwater-route"] ?? "");
        resolve({ status: response.statusCode ?? 0, ms: performance.now() - startedAt, route });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
