/** Digests make the coordinator look at the nodes at most this often. */
export const SAMPLE_EVERY_MS = 1_000;

/** While there is no primary: whoever is promoted is to be found soon, since nothing can be written until then, */
export const LOST_SAMPLE_EVERY_MS = 250;

/** for so long after the loss. Later nobody waits at the door any more, and each second will do. */
export const LOST_LATELY_MS = 120_000;

/** What was looked at this lately need not be asked for a calm digest again: roles change seldom. */
export const CALM_SAMPLE_EVERY_MS = 10_000;

/** A `bounded` read asked for within this time keeps the samples coming each second. */
export const BOUNDED_ASKED_MS = 30_000;

/** A node of which somebody said this lately that the application asks it may be looked at without waking it. */
export const AWAKE_KNOWN_MS = 15_000;

/** Without any digest for this long nobody is there to tell. */
export const REST_AFTER_MS = 600_000;

/** Positions of the primary kept for lag bounds: two minutes at one a second. */
export const MAX_POSITIONS = 120;

/** A replica behind by more than this is in no rotation, */
export const LAGGING_MS = 10_000;

/** until it is behind by less than this: one on the bound must not come and go. */
export const ENTERS_BELOW_MS = 2_000;

/** A node whose last sample is older than this is said to be silent. */
export const SILENT_MS = 30_000;

/** An operator's order is obeyed on what its node said this lately: it was looked at for that very order. */
export const ORDER_SAMPLE_MS = 3_000;

/** Orders kept for `/admin/replicas`. */
export const MAX_ORDERS = 20;
