/** Where the primary's log was at a moment, or later than that: never before it got there. */
export interface PrimaryPosition {
  readonly at: number;
  readonly position: bigint;
}

/**
 * How far a replica that replayed up to `position` is behind at most, in milliseconds: all that the primary had logged
 * by the newest sample at or below `position` is there. Needs neither clocks of the servers nor privileges; grows while
 * the primary is silent; null where no sample is that old. `history`: oldest first.
 */
export function lagBoundMs(history: readonly PrimaryPosition[], position: bigint, now: number): number | null {
  const proof = history.findLast((sample) => sample.position <= position);
  return proof && proof.at <= now ? now - proof.at : null;
}

/**
 * How far a replica was behind at least when it was looked at, and by now is at most, in milliseconds. `atMostMs` null: any
 * time, since when the primary was where the replica is nobody knows.
 */
export interface Behind {
  readonly atLeastMs: number;
  readonly atMostMs: number | null;
}

/**
 * How far a replica that said `position` at `at` was behind then at least, give or take how long the primary took to
 * answer: the primary had been beyond it since. 0: nothing says that it was behind at all. `history`: oldest first.
 */
export function behindMs(history: readonly PrimaryPosition[], position: bigint, at: number): number {
  const beyond = history.find((sample) => sample.position > position);
  return beyond ? Math.max(0, at - beyond.at) : 0;
}
