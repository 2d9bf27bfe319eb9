import { Option } from "commander";
import type { Bench } from "./bench.ts";
import type { AllPlayed } from "./scenarios/playAll.ts";
import { playAside } from "./scenarios/playAside.ts";
import { count } from "./world/count.ts";

const PARTS = ["count", "scenarios"] as const;

/** What all isolates of the world together ask of the objects, how an outage spreads, and the breaker beside its peers. */
export const worldBench: Bench = {
  name: "world",
  summary:
    "a whole world in virtual time: calls a second at each object, what a month costs, an outage and its end (count); bad nodes before our breaker and before one in each isolate (scenarios)",
  options: [
    new Option("--isolates <n>", "isolates in the world that is counted, 50 a colo").default(16_500).argParser(Number),
    new Option("--rps <n>", "requests a second of all of them together").default(1_000_000).argParser(Number),
    new Option("--seed <n>", "the same seed gives the same figures").default(1).argParser(Number),
    new Option("--only <part>", "one part of it").choices(PARTS),
  ],
  run: async (_lab, options) => {
    const isolates = Math.max(1, Number(options.isolates) || 1);
    const requestsPerSecond = Math.max(1, Number(options.rps) || 1);
    const seed = Number(options.seed) || 0;
    const say = (what: string) => console.error(`  ${what}`);
    const { only } = options;
    const played = only === "count" ? undefined : playAside(seed, (what) => say(`scenario ${what}`));
    if (only === "scenarios") return { seed, scenarios: await shown(played) };
    console.error(`${isolates} isolates, ${requestsPerSecond} requests a second, seed ${seed}`);
    const counted = count({ isolates, requestsPerSecond, seed, say });
    // Whichever fails first ends both.
    await Promise.race([counted, played?.then(() => counted)]);
    return { ...(await counted), ...(played ? { scenarios: await shown(played) } : {}) };
  },
};

async function shown(played: Promise<AllPlayed> | undefined) {
  const all = await played;
  console.log(all?.text);
  return all?.figures;
}
