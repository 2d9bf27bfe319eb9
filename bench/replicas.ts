import { join } from "node:path";
import { Option } from "commander";
import { steadily } from "../tools/load/steadily.ts";
import { bundleWorker } from "../tools/local/bundleWorker.ts";
import { localEnvironment } from "../tools/local/localEnvironment.ts";
import { startWorker } from "../tools/local/startWorker.ts";
import { type NeonProxy, startNeonProxy } from "../tools/neon-proxy/startNeonProxy.ts";
import { ask } from "./ask.ts";
import type { Bench } from "./bench.ts";
import type { Lab } from "./lab.ts";
import { rounded } from "./percentiles.ts";
import { type LaneResult, runLane } from "./replicas/lanes.ts";
import { startDatabase } from "./startDatabase.ts";

const PITCHES = 1_000;
const WARM_MS = 5_000;
const SLOW_MS = 200;

/** One of the two replicas, the one that turns slow. */
const SLOW = "node-3";
const QUERY = "bench.browse";

/** What is compared: Breakwater's choice, and what is usual. */
const PEERS = { roundRobin: "/round-robin", random: "/random", primaryOnly: "/primary" } as const;

/** Reads while one of two replicas turns slow by 200 ms. */
export const replicasBench: Bench = {
  name: "replicas",
  summary:
    "p50 and p99 of reads while one of two replicas turns slow by 200 ms: ours, round robin, random, primary only",
  options: [
    new Option("--seconds <n>", "how long each lane lasts").default(20).argParser(Number),
    new Option("--rate <n>", "reads a second").default(100).argParser(Number),
  ],
  run: async (lab, { seconds, rate }) => {
    const perSecond = Math.max(10, Number(rate) || 100);
    const forMs = Math.max(6, Number(seconds) || 20) * 1_000;
    const { url, faults, reads } = await startAll(lab);
    const slowDown = () => faults.set(SLOW, { delayMs: SLOW_MS });
    const lane = async (path: string, harm: () => void): Promise<LaneResult> => {
      faults.clear();
      await steadily(perSecond, WARM_MS, () => ask({ url: `${url}${path}` })).answers;
      console.error(`  ${path}, ${harm === slowDown ? "one slow" : "none slow"}`);
      return runLane(`${url}${path}`, { perSecond, forMs, slow: SLOW, harm });
    };
    const oursNoneSlow = await lane("/any", () => {});
    const before = reads();
    const ours = await lane("/any", slowDown);
    const asked = (perSecond * (forMs + WARM_MS)) / 1_000;
    const hedgeExtra = rounded((reads() - before) / asked - 1);
    const roundRobin = await lane(PEERS.roundRobin, slowDown);
    const random = await lane(PEERS.random, slowDown);
    const primaryOnly = await lane(PEERS.primaryOnly, slowDown);
    return {
      ours,
      oursNoneSlow,
      roundRobin,
      random,
      primaryOnly,
      hedgeExtra,
      ratio: rounded(ours.p99 / oursNoneSlow.p99),
    };
  },
};

/** Cluster, endpoint and one Worker with all policies; the faults of the endpoint, and how many reads it was sent. */
async function startAll(lab: Lab) {
  const cluster = await startDatabase(lab, { pitches: PITCHES, seed: 1 });
  const nodes = await cluster.nodes();
  const proxy = await lab.start(
    () => startNeonProxy({ resolve: (label) => nodes.find(({ name }) => name === label) }),
    (started) => started.close(),
  );
  const bundle = await bundleWorker(join(lab.root, "bundle"), "bench/replicas/worker.ts");
  const environment = localEnvironment({ nodes, proxyUrl: proxy.url, adminToken: "none-of-this-is-public" });
  const worker = await lab.start(
    () => startWorker({ bundle, environment, port: 0 }),
    (started) => started.close(),
  );
  await worker.scheduled("* * * * *");
  return { url: worker.url, faults: proxy.faults, reads: () => readsAt(proxy) };
}

/** Statements of the bench's query that reached the endpoint. */
function readsAt(proxy: NeonProxy): number {
  return Object.values(proxy.stats()).reduce((sum, { statements }) => sum + (statements[QUERY] ?? 0), 0);
}
