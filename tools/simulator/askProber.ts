import { CHECK_TRY_MS } from "../../src/database/constants.ts";
import { PROBE_DEADLINE_MS } from "../../src/rpc/constants.ts";
import type { ProbeAnswer } from "../../src/rpc/probing.ts";
import type { Random } from "../seed/random.ts";
import type { Network } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Purpose, SimulatedDatabase } from "./simulatedDatabase.ts";
import { virtualCall } from "./virtualCall.ts";

/** What an owner's shell needs to ask the nodes. */
export interface ProberWay {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly database: SimulatedDatabase;
  readonly random: Random;
}

/** As `askNodes` in `objects/prober.ts`: empty where the Prober does not answer. */
export async function askProber(
  way: ProberWay,
  nodes: readonly string[],
  purpose: Purpose,
): Promise<readonly ProbeAnswer[]> {
  if (nodes.length === 0) return [];
  const { scheduler, network, random } = way;
  const called = await virtualCall(scheduler, random, PROBE_DEADLINE_MS, () =>
    network.call("owner-prober", () => Promise.all(nodes.map((node) => probe(way, node, purpose)))),
  );
  return called.kind === "answered" ? called.value : [];
}

async function probe({ scheduler, database }: ProberWay, node: string, purpose: Purpose): Promise<ProbeAnswer> {
  const before = scheduler.now();
  const answer = await database.ask(node, CHECK_TRY_MS, false, { purpose });
  if (answer !== "ok") return { node, outcome: answer === "slow" ? "slow" : "failed" };
  return { node, outcome: "ok", sample: database.sampleOf(node, scheduler.now() - before) };
}
