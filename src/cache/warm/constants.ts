/** What one key costs a run: look in KV, ask the database, write to KV, and room for one more try. */
export const SUBREQUESTS_PER_KEY = 4;

/** Keys under way at a time. The platform lets six connections wait at once: two are left for whoever else is there. */
export const WARM_CONCURRENCY = 4;

/**
 * A copy has to outlive the next run by this: what is written to KV is seen everywhere within some 60 s, and a cron may
 * be some seconds late.
 */
export const WARM_MARGIN_MS = 75_000;

/** Replicas further behind than this have enough to do, and what they answer could not be kept as current. */
export const MAX_WARM_LAG_MS = 10_000;

/** Share of what the database takes at a time. Beyond it visitors come first. */
export const MAX_WARM_LOAD = 0.7;

/**
 * So many loads of a run, one after the other, that took longer than this: visitors come first. Half of what a question's
 * first attempt may take: what is slower still fails, and is the breaker's.
 */
export const SLOW_LOADS = 5;
export const SLOW_LOAD_MS = 450;

/** Loads a second while the database has just come back: as to its first guests, not as to all that waited. */
export const RECOVERY_LOADS_PER_S = 10;

/** One key is written to KV at most once in this time: the write before would not have been seen everywhere yet. */
export const KV_KEY_GAP_MS = 60_000;

/** Beyond a run's own time its claims last so long: for a load that began at its end, and for the way of the message. */
export const CLAIM_GRACE_MS = 5_000;

/** Of the calls that the platform allows an invocation a run plans with this share: the rest is the exchange's, and retries'. */
export const WARM_SUBREQUEST_SHARE = 0.8;

/** Keys of one run: KV takes 1,000 operations of an invocation, a run reads and writes each key, and others write too. */
export const MAX_RUN_KEYS = 480;
