import { steadily } from "../../tools/load/steadily.ts";
import { ask } from "../ask.ts";
import { type Percentiles, percentiles, rounded } from "../percentiles.ts";

/** What a policy's reads came to. `slowShare`: of those sent `SETTLED_MS` or more after the node turned slow. */
export interface LaneResult extends Percentiles {
  readonly slowShare: number;
}

/** By then a policy that minds how fast nodes are has to have noticed. */
const SETTLED_MS = 5_000;

interface Read {
  readonly sentAtMs: number;
  readonly ms: number;
  readonly node: string;
}

/** Reads a path at a rate, open loop; `harm` is done as it begins. Throws where one fails. */
export async function runLane(
  url: string,
  { perSecond, forMs, slow, harm }: { perSecond: number; forMs: number; slow: string; harm: () => void },
): Promise<LaneResult> {
  const startedAt = performance.now();
  harm();
  const reads = await steadily(perSecond, forMs, async (): Promise<Read> => {
    const sentAtMs = performance.now() - startedAt;
    const { status, ms, route, body } = await ask({ url });
    if (status !== 204) throw new Error(`${url} answered ${status}: ${body}`);
    return { sentAtMs, ms, node: /^[^;]*/.exec(route)?.[0] ?? "" };
  }).answers;
  const settled = reads.filter(({ sentAtMs }) => sentAtMs >= SETTLED_MS);
  const slowShare = settled.filter(({ node }) => node === slow).length / Math.max(1, settled.length);
  return { ...percentiles(reads.map(({ ms }) => ms)), slowShare: rounded(slowShare) };
}
