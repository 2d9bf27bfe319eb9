import { Option } from "commander";
import { aside } from "./aside.ts";
import type { Bench } from "./bench.ts";

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
    const played =
      only === "count"
        ? undefined
        : aside(new URL("./scenarios/scenarioThread.ts", import.meta.url), seed, (what) => say(`scenario ${what}`));
    const counted =
      only === "scenarios"
        ? undefined
        : aside(new URL("./world/countThread.ts", import.meta.url), { isolates, requestsPerSecond, seed }, say);
    if (counted) console.error(`${isolates} isolates, ${requestsPerSecond} requests a second, seed ${seed}`);
    const [count, scenarios] = await Promise.all([counted, played]);
    for (const { text } of [count, scenarios].filter((found) => found !== undefined)) console.log(text);
    return { seed, ...count?.figures, ...(scenarios ? { scenarios: scenarios.figures } : {}) };
  },
};
