/** How far a deploy goes before it gives way; each can be set from the command line. */
export interface Limits {
  /** How long a build may wait for one and the same transaction: VACUUM and ALTER of its table wait behind it. */
  readonly waitBudgetMs: number;
  /** How long what is outside (a replica's lag, the breaker, another's build) is waited for altogether. */
  readonly patienceMs: number;
  /** How often one index is tried where something stood in its way. */
  readonly attempts: number;
  /** Before the second attempt; doubles up to `maxBackOffMs`. */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
  /** Between two builds nothing is built for so long: what visitors waited for meanwhile is answered first. */
  readonly restMs: number;
  /** Replicas further behind than this hold the next index back. */
  readonly maxLagMs: number;
  readonly maxLagBytes: number;
  /** Largest size that one deploy may add; undefined: half of what is free, where that can be seen. */
  readonly maxBytes?: number;
}

export const USUAL_LIMITS: Limits = {
  waitBudgetMs: 30_000,
  patienceMs: 600_000,
  attempts: 4,
  backOffMs: 1_000,
  maxBackOffMs: 30_000,
  restMs: 250,
  maxLagMs: 5_000,
  maxLagBytes: 64 * 1_048_576,
};
