import { type Held, handOn } from "../rpc/held.ts";
import type { BreakerPart, BumpsPart, Have, Parts, ReplicasPart } from "../rpc/parts.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";

/** What a Collector holds. */
interface HeldParts {
  readonly breaker: Held<BreakerPart> | undefined;
  readonly replicas: Held<ReplicasPart> | undefined;
  readonly bumps: Held<BumpsPart> | undefined;
}

/** Parts that are not older than what the reporter has, with their ages by now. Bumps: only what came after its own. */
export function partsFor(have: Have, { breaker, replicas, bumps }: HeldParts, now: number): Parts {
  const parts: Parts = {};
  if (breaker && isNotOlder(breaker.part, have.breaker)) parts.breaker = handOn(breaker, now);
  if (replicas && isNotOlder(replicas.part, have.replicas)) parts.replicas = handOn(replicas, now);
  if (bumps && isNotOlder(bumps.part, have.bumps)) {
    const since = have.bumps?.incarnation === bumps.part.incarnation ? have.bumps.seq : 0;
    const isNew = ([, seq]: readonly [unknown, number]) => seq > since;
    const { buckets, recent } = bumps.part;
    parts.bumps = {
      ...handOn(bumps, now),
      since,
      buckets: buckets.filter(isNew),
      ...(recent && { recent: recent.filter(isNew) }),
    };
  }
  return parts;
}

function isNotOlder(part: Stamp, have: Stamp | undefined): boolean {
  return have === undefined || compareStamps(part, have) >= 0;
}
