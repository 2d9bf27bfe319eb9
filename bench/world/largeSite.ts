import { CountedWorld } from "./countedWorld.ts";
import { type Outage, outage } from "./outage.ts";
import { OWNERS, type Phase, phase } from "./phase.ts";

/** One world through its day: begun all at once, settled, calm, its database gone, its database back, and writes among its requests. */
export interface LargeSite {
  readonly cold: Phase;
  readonly calm: Phase;
  readonly outage: Outage;
  /** Calm, by the share of requests that write: those bring their tags to the world. */
  readonly writing: readonly (readonly [share: number, Phase])[];
}

export interface LargeSiteOptions {
  readonly isolates: number;
  readonly requestsPerSecond: number;
  readonly seed: number;
  readonly say: (what: string) => void;
}

/** Seconds of virtual time. It takes minutes until isolates that began all at once are spread over shards; a calm minute holds several turns of whatever goes round. */
const COLD_S = 15;
const SETTLE_S = 220;
const CALM_S = 20;
/** From one share of writes to the next: twice what a crowd's rounds take. */
const WRITES_SETTLE_S = 20;
/** A crowd's round. Bumps make such a world four times as much work as a calm one. */
const WRITES_S = 10;
const WRITE_SHARES = [0.001, 0.01] as const;

export async function largeSite({ say, ...options }: LargeSiteOptions): Promise<LargeSite> {
  const world = new CountedWorld({ ...options, writes: 0 });
  say(`all isolates begin within one second; ${COLD_S} s`);
  const cold = await phase(world, COLD_S);
  say(`they settle; ${SETTLE_S} s`);
  await phase(world, SETTLE_S);
  say(`calm; ${CALM_S} s`);
  const calm = await phase(world, CALM_S);
  const died = await outage(world, say);
  const writing = [];
  for (const share of WRITE_SHARES) {
    say(`${100 * share} % of requests write; ${WRITES_SETTLE_S + WRITES_S} s`);
    world.setWrites(share);
    await phase(world, WRITES_SETTLE_S);
    writing.push([share, await phase(world, WRITES_S)] as const);
  }
  return { cold, calm, outage: died, writing };
}

/** The busiest second of any object, and of any owner. */
export function busiest(phases: readonly Phase[]): { object: number; owner: number } {
  const owner = Math.max(...phases.flatMap(({ owners }) => OWNERS.map((name) => owners[name].second)));
  const collector = Math.max(...phases.map(({ hottestCollector }) => hottestCollector.second));
  return { object: Math.max(owner, collector), owner };
}
