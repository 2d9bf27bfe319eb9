/** Retries, and all that is asked beyond a first try, may add this share to traffic: more would amplify an outage. */
export const RETRY_SHARE = 0.2;

/** Below this many retries a window the share does not bind: the first outage must not cost more than 10 failures. */
export const RETRY_FLOOR = 10;

/**
 * What all isolates' floors together may come to in a window: 500 retries a second, which the Postgres of a site that
 * has so many isolates answers beside its traffic. Beyond 500 of them each gets a share of it.
 */
export const WORLD_RETRY_FLOOR = 5_000;

/** Hedges may add this share, out of the same budget: a second question to a node that is well is a luxury. */
export const HEDGE_SHARE = 0.02;

/**
 * Reads a second that the whole world may send the primary in place of its replicas: what the smallest Neon compute
 * answers beside its writes (a read of a page costs it a millisecond or two of CPU). Set `SPILL_READS_PER_S` for a larger.
 */
export const SPILL_READS_PER_S = 200;

/** The window of the budgets. */
export const BUDGET_WINDOW_MS = 10_000;

/** At least so many attempts of one isolate may be under way on one node: a restart's drops must not end all traffic. */
export const MIN_IN_FLIGHT = 20;

/** At most so many: a Postgres has some hundred connections for the whole world. */
export const MAX_IN_FLIGHT = 200;

/** What a dropped attempt leaves of the limit (TCP halves it: there a drop is the rule, here it is an exception). */
export const BACK_OFF = 0.9;

/** A permit not given back by then returns by itself: its request may have died under it. Longer than any attempt. */
export const PERMIT_MS = 4_000;
