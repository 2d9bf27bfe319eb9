import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Option } from "commander";
import type { Bench } from "./bench.ts";
import { bundleEntry } from "./bundleEntry.ts";
import { flood } from "./exchange/pipelined.ts";
import { type Served, serve } from "./exchange/serve.ts";
import { connectionString, ENDPOINT, NODE_NAMES } from "./guard/constants.ts";
import { inTurn } from "./guard/inTurn.ts";
import type { Lab } from "./lab.ts";
import { median } from "./median.ts";
import { percentiles, rounded } from "./percentiles.ts";

const WARM_MS = 2_000;

/** Each process serves one path only: what one of them does behind its answers is not done beside the others'. */
const LANES = ["plain", "bare", "guarded"] as const;
type Lane = (typeof LANES)[number];

/** One round of a lane. */
interface Run {
  readonly rps: number;
  readonly cpuMs: number;
}

/** What a route pays for being guarded. */
export const guardBench: Bench = {
  name: "guard",
  summary: "requests a second and p99 in workerd of a read through the whole guard, beside the same read without it",
  options: [
    new Option("--rounds <n>", "each lane once a round, in turn").default(21).argParser(Number),
    new Option("--seconds <n>", "how long each run lasts").default(1).argParser(Number),
    new Option("--requests <n>", "asked of each lane in a round, one at a time in turn, for the durations")
      .default(1_000)
      .argParser(Number),
  ],
  run: async (lab, options) => {
    const rounds = Math.max(1, Number(options.rounds) || 21);
    const forMs = Math.max(1, Number(options.seconds) || 1) * 1_000;
    const times = Math.max(100, Number(options.requests) || 1_000);
    const served = await startAll(lab);
    const runs: Record<Lane, Run[]> = { plain: [], bare: [], guarded: [] };
    const durations: Record<Lane, number[]> = { plain: [], bare: [], guarded: [] };
    for (let round = 0; round < rounds; round++) {
      console.error(`  round ${round + 1} of ${rounds}`);
      // Another lane first each round: what the machine does beside is the same for all.
      const turn = LANES.map((_, index) => LANES[(index + round) % LANES.length] ?? "bare");
      for (const lane of turn) runs[lane].push(await measure(served[lane], lane, forMs));
      const targets = turn.map((lane) => ({ port: served[lane].port, path: `/${lane}` }));
      for (const [index, each] of (await inTurn(targets, times)).entries()) {
        durations[turn[index] ?? "bare"].push(...each);
      }
    }
    const took = { bare: percentiles(durations.bare), guarded: percentiles(durations.guarded) };
    const each = (what: (guarded: Run, bare: Run) => number) =>
      rounded(median(runs.guarded.map((run, round) => what(run, runs.bare[round] ?? run))));
    const middle = (lane: Lane, key: keyof Run) => rounded(median(runs[lane].map((run) => run[key])));
    return {
      plainRps: Math.round(middle("plain", "rps")),
      bareRps: Math.round(middle("bare", "rps")),
      guardedRps: Math.round(middle("guarded", "rps")),
      ratio: each((guarded, bare) => guarded.rps / bare.rps),
      cpuRatio: each((guarded, bare) => bare.cpuMs / guarded.cpuMs),
      barePerRequestUs: Math.round(middle("bare", "cpuMs") * 1_000),
      addedPerRequestUs: Math.round(each((guarded, bare) => guarded.cpuMs - bare.cpuMs) * 1_000),
      bare: took.bare,
      guarded: took.guarded,
      p99AddedMs: rounded(took.guarded.p99 - took.bare.p99),
    };
  },
};

async function startAll(lab: Lab): Promise<Record<Lane, Served>> {
  const { main } = await bundleEntry("bench/guard/worker.ts", join(lab.root, "bundle"));
  const endpoint = await bundleEntry("bench/guard/endpoint.ts", join(lab.root, "endpoint"));
  const start = async (lane: Lane) => {
    const folder = join(lab.root, lane);
    await mkdir(folder);
    const nodes = NODE_NAMES.map((name) => ({ name, transport: "neon", secret: secretOf(name), maySleep: false }));
    const variables = {
      BREAKWATER_MODE: lane === "guarded" ? "on" : "off",
      BREAKWATER_NODES: JSON.stringify(nodes),
      ...Object.fromEntries(NODE_NAMES.map((name) => [secretOf(name), connectionString(name)])),
      NEON_ENDPOINT: ENDPOINT,
      LOG_SAMPLE: "0",
    };
    const served = await lab.start(
      () => serve(folder, main, variables, endpoint.main),
      (each) => each.close(),
    );
    await flood(served.port, `/${lane}`, WARM_MS);
    return served;
  };
  return { plain: await start("plain"), bare: await start("bare"), guarded: await start("guarded") };
}

function secretOf(node: string): string {
  return `DATABASE_URL_${node.toUpperCase().replace("-", "_")}`;
}

async function measure(served: Served, lane: Lane, forMs: number): Promise<Run> {
  const cpuBefore = await served.cpuMs();
  const startedAt = performance.now();
  const answers = await flood(served.port, `/${lane}`, forMs);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuMs = ((await served.cpuMs()) - cpuBefore) / answers;
  return { rps: answers / seconds, cpuMs };
}
