/** A bump counts as live this long: by then every replica in rotation holds it, or left the rotation. */
export const BUMP_LIVE_MS = 60_000;

/** Ids of bumps are known this long, so that a repeat gets the same number; one forgotten costs a needless refresh. */
export const BUMP_KNOWN_MS = 600_000;
export const MAX_KNOWN_BUMPS = 1_024;

/** Live bumps told in the view; the oldest of more are forgotten first. */
export const MAX_LIVE_BUMPS = 256;

/** Past this age nothing is concluded from the world's word on bumps: lifetimes alone bound what is served. */
export const MAX_VIEW_AGE_MS = 120_000;

/** Live bumps that one load asks for; one that meets more proves nothing, and its answer is not current. */
export const MAX_FILL_BUMPS = 16;
/** Of those it saw, so many are kept with the entry, for who wrote them. */
export const MAX_SAW = 8;

/** KV takes no longer value (25 MiB); what one tier cannot hold is kept in none. */
export const MAX_ENVELOPE_BYTES = 26_214_400;

/** KV takes keys of 512 bytes; what is longer than this is called by its digest, which leaves room for names beside it. */
export const MAX_TIER_KEY_BYTES = 400;

/** An own write that the world's word does not tell of within this time never will: its report was lost with its objects. */
export const OWN_BUMP_MS = 120_000;
export const MAX_OWN_BUMPS = 256;

/** A load of another request is waited for so long, then one's own begins: a third of a request's time. */
export const FLIGHT_JOIN_MS = 1_000;
/** A load that began so long ago is joined by nobody: its request is over, and its end may never come. */
export const FLIGHT_FORGOTTEN_MS = 3_000;

/** Who has an old copy to give waits this long for a new one. */
export const SOFT_LOAD_MS = 250;

/** A key whose load failed is left alone for so long while there is a copy, doubling. */
export const FAILED_PAUSE_MS = 1_000;
export const FAILED_PAUSE_MAX_MS = 10_000;
export const MAX_FAILED_KEYS = 2_048;

/** A refresh under way is taken for dead after this long: its request may have ended under it. */
export const REFRESH_EXPIRES_MS = 5_000;
export const MAX_REFRESHING = 4_096;
/** Refreshes that one isolate begins in a second: after an outage everything is stale at once. */
export const REFRESHES_PER_S = 20;
/** What an object may take to say whether somebody else loads it. */
export const LEASE_DEADLINE_MS = 1_000;
/** The same for who waits for a cold key, where its route asks for one load in the world. */
export const WORLD_LEASE_MS = 100;
/**
 * A lifetime grows by this after the same answer and shrinks by that after another: from floor to ceiling in ten reloads
 * where they are 57 apart, and back in six. Alternating, it sinks: to be shown old answers is worse than a load.
 */
export const LONGER_BY = 1.5;
export const SHORTER_BY = 2;

/** Expiries are spread by this share of the lifetime to either side. */
export const EXPIRY_JITTER = 0.1;
