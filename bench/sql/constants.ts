/** What the mix asks for, of a hundred: most people only look. */
export const MIX_SHARES = { newest: 40, genre: 30, ownList: 15, ndaCheck: 15 } as const;

/** Clients of the mix: as many as the reference measurement had; more would measure the two cores. */
export const MIX_CLIENTS = 2;

/** Long enough for some forty answers also where each scans a million rows. */
export const MIX_MS = 20_000;

/** Before it counts: plans, pages and compiled code are there. */
export const MIX_WARM_MS = 1_000;

/** Different values of each kind in the mix: a few hundred do not fit one page's luck. */
export const MIX_DRAWS = 500;

/** How much more than the owner's set ours may read for any query. */
export const MOST_OF_OWNERS = 1.05;

/** How many times the owner's throughput ours has. */
export const LEAST_THROUGHPUT_RATIO = 100;

/** The middle query of those that an index serves reads so much less than without any. */
export const LEAST_MEDIAN_SAVING = 0.95;
