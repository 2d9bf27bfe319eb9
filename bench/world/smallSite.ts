import { SimulatedWorld } from "../../tools/simulator/simulatedWorld.ts";
import { CRON_CALLS_PER_DAY, DAY_S, FREE_DAY, OBJECT_GIGABYTES } from "./constants.ts";

/** A site of few visitors: request by request in the simulator itself. */
export interface SmallSite {
  readonly requestsPerSecond: number;
  readonly isolates: number;
  readonly regions: number;
  /** Invocations of objects by each request, crons not counted. */
  readonly callsPerRequest: number;
  /** Shares of a free plan's day, crons counted; `whileInMemory`: were idle objects billed until they are evicted. */
  readonly calls: number;
  readonly rows: number;
  readonly duration: number;
  readonly whileInMemory: number;
}

const SETTLE_S = 300;
const MEASURED_S = 3_600;
/** An idle object's memory stays this long, as measured (`docs/design/world.md`). */
const IDLE_S = 12.5;

export async function smallSite(
  requestsPerSecond: number,
  { isolates = 1, regions = 1, seed = 1 }: { isolates?: number; regions?: number; seed?: number } = {},
): Promise<SmallSite> {
  const each = requestsPerSecond / isolates;
  const world = new SimulatedWorld({ seed, isolates, colos: isolates, regions, requestsPerSecond: each });
  await world.run(SETTLE_S * 1_000);
  world.forgetCounts();
  await world.run(MEASURED_S * 1_000);
  const { tally } = world;
  const days = MEASURED_S / DAY_S;
  const gigabyteSeconds = (seconds: number) => (seconds * OBJECT_GIGABYTES) / days / FREE_DAY.gigabyteSeconds;
  const inMemoryS = tally.names().reduce((sum, name) => sum + secondsInMemory([...tally.of(name).bySecond.keys()]), 0);
  return {
    requestsPerSecond,
    isolates,
    regions,
    callsPerRequest: tally.calls() / world.counts().requests,
    calls: (tally.calls() / days + CRON_CALLS_PER_DAY) / FREE_DAY.requests,
    rows: (tally.rows() / days + CRON_CALLS_PER_DAY) / FREE_DAY.rows,
    duration: gigabyteSeconds(tally.activeMs() / 1_000),
    whileInMemory: gigabyteSeconds(inMemoryS),
  };
}

function secondsInMemory(seconds: readonly number[]): number {
  const sorted = seconds.toSorted((a, b) => a - b);
  return sorted.reduce((sum, second, at) => sum + Math.min(IDLE_S, (sorted[at + 1] ?? Infinity) - second), 0);
}
