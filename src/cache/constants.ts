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

/**
 * A lifetime grows by this after the same answer and shrinks by that after another: from floor to ceiling in ten reloads
 * where they are 57 apart, and back in six. Alternating, it sinks: to be shown old answers is worse than a load.
 */
export const LONGER_BY = 1.5;
export const SHORTER_BY = 2;

/** Expiries are spread by this share of the lifetime to either side. */
export const EXPIRY_JITTER = 0.1;
