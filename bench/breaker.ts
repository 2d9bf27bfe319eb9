import { Option } from "commander";
import { measure } from "mitata";
import type { Bench } from "./bench.ts";
import { guarded } from "./breaker/guarded.ts";
import { peers } from "./breaker/peers.ts";
import { median } from "./median.ts";
import { rounded } from "./percentiles.ts";

/** What is guarded: the least that can be awaited, so that all the rest is the guard's. */
const attempt = async () => 1;

/** What stands around it without a guard. */
const bare = async <T>(call: () => Promise<T>): Promise<T> => await call();

/** What a guarded attempt pays for its guard, and what it pays elsewhere. */
export const breakerBench: Bench = {
  name: "breaker",
  summary:
    "nanoseconds of one decision, closed and open, and of a guarded call beside a bare one, cockatiel and opossum",
  options: [
    new Option("--rounds <n>", "each subject once a round, in turn").default(11).argParser(Number),
    new Option("--ms <n>", "how long a subject is measured in each round").default(150).argParser(Number),
  ],
  run: async (_lab, options) => {
    const rounds = Math.max(1, Number(options.rounds) || 11);
    const forNs = Math.max(1, Number(options.ms) || 150) * 1e6;
    const closed = guarded("closed");
    const open = guarded("open");
    const others = await peers(attempt);
    const subjects = {
      closedNs: () => closed.decide(),
      openNs: () => open.decide(),
      bareAwaitNs: () => bare(attempt),
      awaitedNs: () => closed.around(attempt),
      cockatielClosedNs: others.cockatielClosed,
      cockatielConsecutiveNs: others.cockatielConsecutiveClosed,
      cockatielOpenNs: others.cockatielOpen,
      opossumClosedNs: others.opossumClosed,
      clockNs: () => Date.now(),
    };
    const names = Object.keys(subjects) as (keyof typeof subjects)[];
    const seen = new Map(names.map((name) => [name, [] as number[]]));
    // A round before those that count: what the compiler learns later, it learns for all of them.
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) console.error(`  round ${round} of ${rounds}`);
      for (const name of names) {
        closed.hear();
        open.hear();
        if (closed.decide() === open.decide()) throw new Error("one of them has to be open");
        const { p50 } = await measure(subjects[name], { gc: false, min_cpu_time: forNs });
        if (round > 0) seen.get(name)?.push(p50);
      }
    }
    others.stop();
    const middle = (name: keyof typeof subjects) => median(seen.get(name) ?? []);
    const added = (seen.get("awaitedNs") ?? []).map((ns, round) => ns - (seen.get("bareAwaitNs")?.[round] ?? 0));
    return {
      ...Object.fromEntries(names.map((name) => [name, rounded(middle(name))])),
      addedNs: rounded(median(added)),
      refusalsPerTheirs: rounded(middle("cockatielOpenNs") / middle("openNs")),
    };
  },
};
