import type { Cluster } from "../../tools/cluster/cluster.ts";
import { promoteAlone } from "../../tools/cluster/oldLine.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import type { FailoverLane } from "./lane.ts";

const READS_PER_S = 50;
const WRITES_PER_S = 20;
const KILL_AFTER_MS = 2_000;
/** Long enough for whoever watches to have noticed: an operator, or Neon, is never faster. */
const PROMOTE_AFTER_MS = 5_000;
const LASTS_MS = 15_000;

/** What one client saw of one failover. */
export interface Failover {
  readonly reads: number;
  readonly failedReads: number;
  readonly failedWrites: number;
  /** From the moment `pg_promote` returned until a write was answered. */
  readonly gapMs: number;
}

interface Ended {
  readonly ok: boolean;
  readonly at: number;
}

/** Kills the primary under steady reads and writes and promotes a standby; afterwards all three nodes are there again. */
export async function playRound(cluster: Cluster, lane: FailoverLane): Promise<Failover> {
  const { name: primary } = await cluster.resolve("primary");
  const { name: heir } = await cluster.resolve("replica");
  const other = (await cluster.nodes()).find(({ name }) => name !== primary && name !== heir)?.name ?? heir;
  const timed = async (work: () => Promise<void>): Promise<Ended> => {
    const ok = await work().then(
      () => true,
      () => false,
    );
    return { ok, at: performance.now() };
  };
  const isWarm = async () => (await timed(lane.write)).ok && (await timed(lane.read)).ok;
  if (!(await until(isWarm, 20_000))) throw new Error("this client does not come to write before anything happens");
  await steadily(READS_PER_S, 1_000, () => timed(lane.read)).answers;

  const reads = steadily(READS_PER_S, LASTS_MS, () => timed(lane.read));
  const writes = steadily(WRITES_PER_S, LASTS_MS, () => timed(lane.write));
  await reads.after(KILL_AFTER_MS, () => cluster.kill(primary));
  let promotedAt = 0;
  await reads.after(PROMOTE_AFTER_MS, async () => {
    await promoteAlone(cluster, heir);
    promotedAt = performance.now();
    await cluster.start(other);
  });
  const [read, written] = await Promise.all([reads.answers, writes.answers]);
  await cluster.start(primary);
  const resumed = written.filter(({ ok, at }) => ok && at >= promotedAt).map(({ at }) => at);
  return {
    reads: read.length,
    failedReads: read.filter(({ ok }) => !ok).length,
    failedWrites: written.filter(({ ok }) => !ok).length,
    gapMs: Math.round(Math.min(...resumed, promotedAt + LASTS_MS) - promotedAt),
  };
}
