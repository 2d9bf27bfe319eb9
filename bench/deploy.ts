import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Option } from "commander";
import { openLoop } from "../tools/chaos/openLoop.ts";
import { seededRandom } from "../tools/neon-proxy/faults/seededRandom.ts";
import type { Bench } from "./bench.ts";
import { deployAll } from "./deploy/deployAll.ts";
import { makeTwins } from "./deploy/makeTwins.ts";
import { type Visit, visitorsOf } from "./deploy/visitors.ts";
import { percentiles, rounded } from "./percentiles.ts";
import { startSite } from "./startSite.ts";

/** Connections, plans and the Worker's own code are warm by then. */
const WARM_UP_MS = 5_000;

/** What visitors notice of a deploy of all phases on a database that has none of the indexes yet, or all as twins. */
export const deployBench: Bench = {
  name: "deploy",
  summary: "requests before, during and after a deploy of all phases, at a steady rate of which a tenth writes",
  options: [
    new Option("--pitches <n>", "how many pitches the database has").default(20_000).argParser(Number),
    new Option("--rate <n>", "requests a second").default(200).argParser(Number),
    new Option("--seconds <n>", "how long before and after last").default(15).argParser(Number),
    new Option("--settings <options>", "server settings of the deploying sessions, as in `-c name=value`").default(""),
    new Option(
      "--twins",
      "all of them are there already by other names: what the deploy itself costs, no plan changes",
    ),
    new Option("--idle", "no deploy, as a control: the same time without one"),
  ],
  run: async (lab, options) => {
    const pitches = Math.max(1_000, Number(options.pitches) || 20_000);
    const rate = Math.max(1, Number(options.rate) || 200);
    const forMs = Math.max(2, Number(options.seconds) || 15) * 1_000;
    const say = (step: string) => console.error(`  ${step}`);
    const busy = (loadavg()[0] ?? 0) / availableParallelism();
    const { cluster, url } = await startSite(lab, { pitches });
    const { connectionString } = await cluster.resolve("primary");
    if (options.twins === true) {
      say("making the same indexes by other names");
      await makeTwins(connectionString);
    }
    const load = openLoop(rate, await visitorsOf(url, seededRandom(1)));
    await sleep(WARM_UP_MS);
    say(`before: ${rate} requests a second`);
    const before = await period(() => sleep(forMs));
    say("during a deploy of phases 1 to 3");
    let indexes = 0;
    const during = await period(async () => {
      if (options.idle === true) await sleep(forMs);
      else indexes = await deployAll(lab, withSettings(connectionString, String(options.settings)));
    });
    say("after");
    const after = await period(() => sleep(forMs));
    const visits = await load.stop();
    const of = { before: told(visits, before), during: told(visits, during), after: told(visits, after) };
    for (const { trouble } of visits.filter((visit) => visit.trouble !== undefined).slice(0, 5)) say(`${trouble}`);
    return {
      pitches,
      rate,
      indexes,
      deployMs: Math.round(during.end - during.start),
      failedRequests: visits.filter(({ trouble }) => trouble !== undefined).length,
      ...of,
      // A machine that refuses requests before the deploy has nothing to compare with: a lower --rate has.
      isBaseSound: of.before.failed === 0,
      machineLoad: rounded(busy),
      duringToBefore: {
        p50: rounded(of.during.all.p50 / of.before.all.p50),
        p99: rounded(of.during.all.p99 / of.before.all.p99),
      },
    };
  },
};

interface Period {
  readonly start: number;
  readonly end: number;
}

async function period(work: () => Promise<unknown>): Promise<Period> {
  const start = performance.now();
  await work();
  return { start, end: performance.now() };
}

/** Requests that were sent in that time, whenever they were answered. */
function told(visits: readonly Visit[], { start, end }: Period) {
  const sent = visits.filter(({ sentAt }) => sentAt >= start && sentAt < end);
  const times = (some: readonly Visit[]) => percentiles(some.map(({ ms }) => ms));
  return {
    requests: sent.length,
    failed: sent.filter(({ trouble }) => trouble !== undefined).length,
    all: times(sent),
    reads: times(sent.filter(({ isWrite }) => !isWrite)),
    writes: times(sent.filter(({ isWrite }) => isWrite)),
  };
}

function withSettings(connectionString: string, settings: string): string {
  const url = new URL(connectionString);
  if (settings !== "") url.searchParams.set("options", settings);
  return url.href;
}
