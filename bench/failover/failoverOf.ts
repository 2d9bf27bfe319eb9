/** One read or write, as its client saw it; times of one clock, in milliseconds. */
export interface Ended {
  readonly ok: boolean;
  readonly sentAt: number;
  readonly endedAt: number;
}

/**
 * What one client saw of one failover. No figure of a gap says it all: who holds writes back for seconds is soon back
 * with those, and who refuses them at once shows failures in place of waiting. So all of it is told of everybody.
 */
export interface Failover {
  readonly reads: number;
  readonly failedReads: number;
  readonly writes: number;
  /** Refused, or not answered within the time that users wait. */
  readonly failedWrites: number;
  /** From the promotion's end until a write was answered that was sent after it. */
  readonly gapMs: number;
  /** From the promotion's end until any write was answered, also one that had waited for it. */
  readonly firstAnswerMs: number;
  /** The longest that any write kept its client waiting, however it ended. */
  readonly longestWriteMs: number;
  /** From the promotion's end until the next epoch began on the new primary; null: this client makes no epochs. */
  readonly epochMs: number | null;
}

/** `promotion`: when the promoted node took writes; `epochAt`: when an epoch began there. */
export function failoverOf({
  read,
  written,
  promotion,
  epochAt,
}: {
  readonly read: readonly Ended[];
  readonly written: readonly Ended[];
  readonly promotion: number;
  readonly epochAt: number | undefined;
}): Failover {
  const failed = (some: readonly Ended[]) => some.filter(({ ok }) => !ok).length;
  const answered = written.filter(({ ok, endedAt }) => ok && endedAt >= promotion);
  const until = (some: readonly Ended[]) => {
    const last = Math.max(promotion, ...written.map(({ endedAt }) => endedAt)); // nothing was answered: at least so long
    return Math.round(Math.min(last, ...some.map(({ endedAt }) => endedAt)) - promotion);
  };
  return {
    reads: read.length,
    failedReads: failed(read),
    writes: written.length,
    failedWrites: failed(written),
    gapMs: until(answered.filter(({ sentAt }) => sentAt >= promotion)),
    firstAnswerMs: until(answered),
    longestWriteMs: Math.round(Math.max(0, ...written.map(({ sentAt, endedAt }) => endedAt - sentAt))),
    epochMs: epochAt === undefined ? null : Math.round(epochAt - promotion),
  };
}
