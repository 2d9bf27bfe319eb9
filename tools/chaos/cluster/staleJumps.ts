import type { Operation, ReadOperation } from "./history.ts";

/** Reads of sessions that were answered with what everybody is given, and those of them that went back in time. */
export interface StaleJumps {
  readonly sharedReads: number;
  readonly staleJumps: number;
}

/**
 * How often a shared answer showed a session less than an answer that it had before it asked. No promise is broken by
 * that, so it is counted and held against nobody; what a failover lost counts as well, since shared answers tell nothing
 * of it. Pure.
 */
export function staleJumpsOf(operations: readonly Operation[]): StaleJumps {
  const reads = operations.filter((each): each is ReadOperation => {
    return each.kind === "read" && each.ending === "answered" && each.promised === "session";
  });
  const shared = reads.filter(({ isShared }) => isShared);
  const bySubject = Map.groupBy(reads, subjectOf);
  const jumps = shared.filter((read) => {
    const others = bySubject.get(subjectOf(read)) ?? [];
    return others.some(({ endMs, value }) => endMs <= read.startMs && value > read.value);
  });
  return { sharedReads: shared.length, staleJumps: jumps.length };
}

function subjectOf({ client, key }: ReadOperation): string {
  return `${client} ${key}`;
}
