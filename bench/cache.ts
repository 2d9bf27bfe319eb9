import { Option } from "commander";
import { MEMORY_BYTES } from "../src/cache/tiers/constants.ts";
import { aside } from "./aside.ts";
import type { Bench } from "./bench.ts";
import { cacheTable } from "./cache/cacheTable.ts";
import { memoryHitUs } from "./cache/memoryHitUs.ts";
import { optimalHitRatio } from "./cache/optimalHitRatio.ts";
import type { Played } from "./cache/playTrace.ts";
import { stampede } from "./cache/stampede.ts";
import { PEERS, SUBJECTS, type SubjectName } from "./cache/subjects.ts";
import type { Play } from "./cache/subjectThread.ts";
import { traceOf } from "./cache/trace.ts";
import type { Warmed, Warming } from "./cache/warmHitRatio.ts";
import type { WarmPlay } from "./cache/worldThread.ts";
import { rounded } from "./percentiles.ts";

/** A whole site of 20 isolates; three cycles of five minutes are 900,000 requests. */
const SITE = { isolates: 20, colos: 4, kvSeenAfterMs: 60_000, keys: 10_000, reportEveryMs: 10_000 } as const;
const CYCLE_MS = 300_000;

/** Our cache beside others on one trace, beside what no cache could better, and what warming is worth. */
export const cacheBench: Bench = {
  name: "cache",
  summary:
    "hit ratios on one trace in virtual time: ours, lru-cache, cachified, bentocache and a bound no cache can better; warming, stampedes, and microseconds of a memory hit",
  options: [
    new Option("--requests <n>", "of the trace, 1,000 a second").default(1_000_000).argParser(Number),
    new Option("--seed <n>", "the same seed gives the same figures, but for microseconds").default(1).argParser(Number),
    new Option("--ms <n>", "how long memory hits are measured").default(2_000).argParser(Number),
  ],
  run: async (_lab, options) => {
    const requests = Math.max(1_000, Number(options.requests) || 1_000);
    const seed = Number(options.seed) || 0;
    const say = (what: string) => console.error(`  ${what}`);
    say(`${requests} requests, seed ${seed}`);
    // First, and alone: what is measured in microseconds is measured on a quiet machine.
    const hit = await memoryHitUs(seed, Number(options.ms) || 2_000);
    const trace = traceOf(seed, requests);
    const optimal = rounded(optimalHitRatio(trace, MEMORY_BYTES));
    say(`no cache hits more than ${optimal}`);
    const stampedeLoads = await stampede(seed);
    const played = {} as Record<SubjectName, Played>;
    const everyMs = Math.min(CYCLE_MS, Math.floor(requests / 3));
    const reportEveryMs = Math.min(SITE.reportEveryMs, Math.floor(everyMs / 3));
    const site = { ...SITE, reportEveryMs, requests, seed, everyMs };
    const warmedBy = (warming: Warming) => found<Warmed>("world", { ...site, warming } satisfies WarmPlay, say);
    // The slowest beside the others: a small machine has two cores.
    const slow = found<Played>("subject", { name: "bentocache", seed, requests } satisfies Play, say);
    for (const name of SUBJECTS.filter((each) => each !== "bentocache")) {
      say(name);
      played[name] = await found<Played>("subject", { name, seed, requests } satisfies Play, say);
    }
    say("a site that is warmed by hand, by its cron, and not");
    const warmed = await warmedBy("by-hand");
    const warmedByCron = await warmedBy("cron");
    const unwarmed = await warmedBy("not");
    played.bentocache = await slow;
    console.log(cacheTable(played, optimal));
    const { hitRatio, ...rest } = played.ours;
    return {
      seed,
      requests,
      hitRatio,
      optimalHitRatio: optimal,
      ofOptimal: rounded(hitRatio / optimal),
      ours: rest,
      peers: Object.fromEntries(PEERS.map((name) => [name, played[name]])),
      warmHitRatio: warmed.warmHitRatio,
      warmed,
      warmedByCron,
      unwarmed,
      stampedeLoads,
      memoryHitUs: hit.p50,
      memoryHitP99Us: hit.p99,
    };
  },
};

/** Each on a thread of its own, with a clock of its own. */
async function found<T>(part: "subject" | "world", data: Play | WarmPlay, say: (what: string) => void): Promise<T> {
  const { figures } = await aside(new URL(`./cache/${part}Thread.ts`, import.meta.url), data, say);
  return figures as T; // of our own thread
}
