import type { CountedWorld } from "./countedWorld.ts";

/** What one stretch of time cost. */
export interface Phase {
  readonly seconds: number;
  /** Invocations a second, by kind of object; of Collectors the sum. */
  readonly exchanges: number;
  readonly owners: Readonly<Record<Owner, Load>>;
  readonly hottestCollector: Load & { readonly name: string };
  readonly collectors: number;
  readonly invocations: number;
  readonly rows: number;
  readonly ownerRows: number;
  /** Questions to nodes that were ours: probes, checks and samples, through the Prober or an isolate. */
  readonly questions: number;
  /** Attempts of visitors' requests that reached a node. */
  readonly sent: number;
}

/** Invocations a second: on average, in the busiest second, in the busiest ten. */
interface Load {
  readonly mean: number;
  readonly second: number;
  readonly ofTen: number;
}

export const OWNERS = ["breaker", "replicas", "cache"] as const;
type Owner = (typeof OWNERS)[number];

/** Lets time pass, and counts what happened in it. */
export async function phase(world: CountedWorld, seconds: number): Promise<Phase> {
  world.forget();
  const asked = world.questions();
  const { sent } = world.requests();
  await world.run(seconds * 1_000);
  const { tally } = world;
  const load = (name: string): Load => ({ mean: tally.calls(name) / seconds, ...tally.busiest(name) });
  const names = tally.names().filter((name) => name.startsWith("collector") && tally.calls(name) > 0);
  const loads = names.map((name) => ({ name, ...load(name) })).toSorted((a, b) => b.second - a.second);
  const [hottest = { name: "none", mean: 0, second: 0, ofTen: 0 }] = loads;
  return {
    seconds,
    exchanges: tally.calls("collector") / seconds,
    owners: { breaker: load("breaker"), replicas: load("replicas"), cache: load("cache") },
    hottestCollector: hottest,
    collectors: names.length,
    invocations: tally.calls() / seconds,
    rows: tally.rows() / seconds,
    ownerRows: OWNERS.reduce((sum, owner) => sum + tally.rows(owner), 0) / seconds,
    questions: (world.questions() - asked) / seconds,
    sent: (world.requests().sent - sent) / seconds,
  };
}
