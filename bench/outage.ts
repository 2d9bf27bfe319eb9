import { Option } from "commander";
import { steadily } from "../tools/load/steadily.ts";
import { type Answered, ask } from "./ask.ts";
import type { Bench } from "./bench.ts";
import { percentiles } from "./percentiles.ts";
import { startSite } from "./startSite.ts";

const PITCHES = 5_000;

/** What visitors see of two outages: the replica they read from is killed, then the primary is frozen. */
export const outageBench: Bench = {
  name: "outage",
  summary: "failed reads while a replica is killed under 50 requests a second; /health at 200 a second, primary frozen",
  options: [new Option("--seconds <n>", "how long each part lasts").default(10).argParser(Number)],
  run: async (lab, { seconds }) => {
    const { cluster, url } = await startSite(lab, { pitches: PITCHES });
    const forMs = Math.max(2, Number(seconds) || 10) * 1_000;
    const browse = () => ask({ url: `${url}/api/pitches?limit=20` });
    for (let warm = 0; warm < 50; warm++) await browse();

    console.error("  killing a replica under 50 reads a second");
    const victim = (await browse()).route.split(";")[0] ?? "";
    const reads = steadily(50, forMs, browse);
    await reads.after(forMs / 3, () => cluster.kill(victim));
    const read = await reads.answers;
    await cluster.start(victim);

    console.error("  200 health checks a second, all well, and what asks for nothing at all beside them");
    const live = await steadily(200, forMs, () => ask({ url: `${url}/health/live` })).answers;
    const well = await steadily(200, forMs, () => ask({ url: `${url}/health` })).answers;
    console.error("  the same with the primary frozen");
    await cluster.pause("primary");
    const frozen = await steadily(200, forMs, () => ask({ url: `${url}/health` })).answers;
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

const failed = (answers: readonly Answered[]) => answers.filter(({ status }) => status !== 200).length;
const times = (answers: readonly Answered[]) => percentiles(answers.map(({ ms }) => ms));
