import type { CountedWorld } from "./countedWorld.ts";
import { OpenLoad } from "./openLoad.ts";
import { type Phase, phase } from "./phase.ts";

/** All nodes die together, and come back together, in a world that was calm. */
export interface Outage {
  readonly incident: Phase;
  readonly recovery: Phase;
  /** From the first failure until the world's word that the nodes are open stood in an isolate, over all of them. */
  readonly propagationMeanS: number;
  readonly propagationWorstS: number;
  /** Isolates that had not heard by the end. */
  readonly unheard: number;
  /** Probes of one node, of all isolates and the owner together: leases that lived, or questions under way at the node. */
  readonly maxConcurrentProbes: number;
  /** From the nodes' return until the last isolate sends one of them all it has. */
  readonly recoveryS: number;
  /** Visitors' requests refused or failed in that time, and their share. */
  readonly rejected: number;
  readonly rejectedShare: number;
  /** What reached the nodes, a second, while the world held all of them open; and in calm. */
  readonly whileOpen: NodeLoad;
}

export interface NodeLoad {
  readonly requestsPerSecond: number;
  readonly questionsPerSecond: number;
}

const INCIDENT_S = 20;
const RECOVERY_S = 15;
/** Promised is 15 s; who is later is waited for, and said. */
const LATEST_S = 30;

export async function outage(world: CountedWorld, say: (what: string) => void): Promise<Outage> {
  const { now } = world.scheduler;
  say(`all nodes are dead; ${INCIDENT_S} s`);
  const diedAt = now();
  const load = new OpenLoad(world);
  world.setDatabase("down");
  const incident = await phase(world, INCIDENT_S);
  const whileOpen = load.end();
  const heard = world.isolates.flatMap(({ heardOpenAt }) => (heardOpenAt === undefined ? [] : [heardOpenAt - diedAt]));
  say(`they are back; ${RECOVERY_S} s`);
  const backAt = now();
  world.setDatabase("up");
  const before = world.requests();
  const recovery = await phase(world, RECOVERY_S);
  const boundedAt = () => world.isolates.reduce((last, { requests }) => Math.max(last, requests.boundedAt), backAt);
  while (boundedAt() > now() - 1_000 && now() - backAt < LATEST_S * 1_000) await world.run(1_000);
  const after = world.requests();
  const rejected = after.failed + after.refused - before.failed - before.refused;
  const recoveryS = (boundedAt() - backAt) / 1_000;
  return {
    incident,
    recovery,
    propagationMeanS: heard.reduce((sum, ms) => sum + ms, 0) / Math.max(1, heard.length) / 1_000,
    propagationWorstS: heard.reduce((worst, ms) => Math.max(worst, ms), 0) / 1_000,
    unheard: world.isolates.length - heard.length,
    maxConcurrentProbes: Math.max(world.witness.mostLive, world.database.mostProbes),
    recoveryS,
    rejected,
    rejectedShare: rejected / (recoveryS * world.requestsPerSecond),
    whileOpen,
  };
}
