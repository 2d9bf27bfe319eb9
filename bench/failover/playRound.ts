import type { Cluster } from "../../tools/cluster/cluster.ts";
import { promoteAlone } from "../../tools/cluster/oldLine.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import { type Ended, type Failover, failoverOf } from "./failoverOf.ts";
import type { FailoverLane } from "./lane.ts";
import { watchPromotion } from "./watchPromotion.ts";

const READS_PER_S = 50;
/** A new write each 20 ms: no gap is measured more finely. */
const WRITES_PER_S = 50;
const WARM_WITHIN_MS = 30_000;
const KILL_AFTER_MS = 2_000;
/** Long enough for whoever watches to have noticed: an operator, or Neon, is never faster. */
const PROMOTE_AFTER_MS = 5_000;
/** The other standby goes on following the dead one until then: its attaching is nothing that the gap should hold. */
const ATTACH_AFTER_MS = 12_000;
const LASTS_MS = 15_000;

/** Kills the primary under steady reads and writes and promotes a standby; afterwards all three nodes are there again. */
export async function playRound(cluster: Cluster, lane: FailoverLane): Promise<Failover> {
  const { name: primary } = await cluster.resolve("primary");
  const heir = await cluster.resolve("replica");
  const other = (await cluster.nodes()).find(({ name }) => name !== primary && name !== heir.name)?.name ?? heir.name;
  const timed = async (work: () => Promise<void>): Promise<Ended> => {
    const sentAt = performance.now();
    const ok = await work().then(
      () => true,
      () => false,
    );
    return { ok, sentAt, endedAt: performance.now() };
  };
  const isWarm = async () => {
    const isWell = (await timed(lane.write)).ok && (await timed(lane.read)).ok;
    return isWell && ((await lane.isSettled?.()) ?? true);
  };
  if (!(await until(isWarm, WARM_WITHIN_MS)))
    throw new Error("this client does not come to write before anything happens");
  await steadily(READS_PER_S, 1_000, () => timed(lane.read)).answers;

  const promotion = await watchPromotion(heir.port);
  try {
    const reads = steadily(READS_PER_S, LASTS_MS, () => timed(lane.read));
    const writes = steadily(WRITES_PER_S, LASTS_MS, () => timed(lane.write));
    await reads.after(KILL_AFTER_MS, () => cluster.kill(primary));
    await reads.after(PROMOTE_AFTER_MS, () => promoteAlone(cluster, heir.name));
    await reads.after(ATTACH_AFTER_MS, () => cluster.start(other));
    const [read, written] = await Promise.all([reads.answers, writes.answers]);
    await cluster.start(primary);
    return failoverOf({ read, written, promotion: await promotion.ended, epochAt: await promotion.epochAt() });
  } finally {
    await promotion.close();
  }
}
