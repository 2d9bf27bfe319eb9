/** A bump counts as live this long: by then every replica in rotation holds it, or left the rotation. */
export const BUMP_LIVE_MS = 60_000;

/** Ids of bumps are known this long, so that a repeat gets the same number; one forgotten costs a needless refresh. */
export const BUMP_KNOWN_MS = 600_000;
export const MAX_KNOWN_BUMPS = 1_024;

/** Live bumps told in the view; the oldest of more are forgotten first. */
export const MAX_LIVE_BUMPS = 256;
