import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Option } from "commander";
import type { Bench } from "./bench.ts";
import { bundleEntry } from "./bundleEntry.ts";
import { ledgerNs } from "./exchange/ledgerWork.ts";
import { flood } from "./exchange/pipelined.ts";
import { type Served, serve } from "./exchange/serve.ts";
import type { Lab } from "./lab.ts";
import { median } from "./median.ts";
import { rounded } from "./percentiles.ts";

const ADMIN_TOKEN = "none-of-this-is-public";
/** Nobody asks it: the route reads nothing, and the bench's own Prober answers for it. */
const NODES = [{ name: "node-1", transport: "neon", secret: "DATABASE_URL_NODE_1", maySleep: true }];
const WARM_MS = 2_000;

/** What the exchange costs the requests that it rides behind. */
export const exchangeBench: Bench = {
  name: "exchange",
  summary: "requests a second in workerd with and without the exchange, its rate, its bytes, the ledger's nanoseconds",
  options: [
    new Option("--rounds <n>", "pairs of runs, in alternating order").default(6).argParser(Number),
    new Option("--seconds <n>", "how long each run lasts").default(4).argParser(Number),
  ],
  run: async (lab, options) => {
    const rounds = Math.max(1, Number(options.rounds) || 6);
    const forMs = Math.max(1, Number(options.seconds) || 4) * 1_000;
    const { main } = await bundleEntry("bench/exchange/worker.ts", join(lab.root, "bundle"));
    const bare = await start(lab, main, "off");
    const talking = await start(lab, main, "on");
    for (const served of [bare, talking]) await flood(served.port, "/bench", WARM_MS);

    const runs: { bare: Run; talking: Run }[] = [];
    const before = await exchanges(talking.port);
    const startedAt = performance.now();
    for (let round = 0; round < rounds; round++) {
      console.error(`  round ${round + 1} of ${rounds}`);
      // In alternating order: what the machine does beside is the same for both.
      const pair: Partial<Record<"bare" | "talking", Run>> = {};
      for (const lane of round % 2 === 0 ? (["bare", "talking"] as const) : (["talking", "bare"] as const)) {
        pair[lane] = await measure(lane === "bare" ? bare : talking, forMs);
      }
      if (pair.bare && pair.talking) runs.push({ bare: pair.bare, talking: pair.talking });
    }
    const after = await exchanges(talking.port);
    const seconds = (performance.now() - startedAt) / 1_000;
    const ratios = runs.map((run) => run.talking.rps / run.bare.rps);
    const cpuRatios = runs.map((run) => run.bare.cpuMsPerRequest / run.talking.cpuMsPerRequest);
    return {
      bareRps: Math.round(median(runs.map((run) => run.bare.rps))),
      rps: Math.round(median(runs.map((run) => run.talking.rps))),
      ratio: rounded(median(ratios)),
      ratios: ratios.map(rounded),
      cpuRatio: rounded(median(cpuRatios)),
      exchangesPerIsolateSecond: rounded((after - before) / seconds),
      reportBytes: await reportBytes(talking.port),
      nsPerRequest: ledgerNs(),
    };
  },
};

interface Run {
  readonly rps: number;
  readonly cpuMsPerRequest: number;
}

async function measure(served: Served, forMs: number): Promise<Run> {
  const cpuBefore = await served.cpuMs();
  const startedAt = performance.now();
  const answers = await flood(served.port, "/bench", forMs);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { rps: answers / seconds, cpuMsPerRequest: ((await served.cpuMs()) - cpuBefore) / answers };
}

async function start(lab: Lab, main: string, mode: "on" | "off"): Promise<Served> {
  const folder = join(lab.root, mode);
  await mkdir(folder);
  const variables = {
    BREAKWATER_MODE: mode,
    BREAKWATER_NODES: JSON.stringify(NODES),
    DATABASE_URL_NODE_1: "postgres://nobody:nothing@node-1.bench.local/nothing",
    NEON_ENDPOINT: "http://127.0.0.1:9/sql",
    ADMIN_TOKENS: ADMIN_TOKEN,
    LOG_SAMPLE: "0",
  };
  return lab.start(
    () => serve(folder, main, variables),
    (served) => served.close(),
  );
}

/** How many exchanges the isolate made so far, as its own metrics count them. */
async function exchanges(port: number): Promise<number> {
  const text = await (await ask(port, "/metrics")).text();
  const counts = [...text.matchAll(/^breakwater_exchanges_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  const sum = counts.reduce((all, count) => all + count, 0);
  if (!(sum > 0)) throw new Error("no exchange was counted: it does not work");
  return sum;
}

/** The mean length of what the Collector was told, bulk included. */
async function reportBytes(port: number): Promise<number> {
  const { collectors } = (await (await ask(port, "/admin/collector")).json()) as {
    collectors: { meanReportBytes?: number }[];
  };
  return collectors[0]?.meanReportBytes ?? Number.NaN;
}

function ask(port: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
}
