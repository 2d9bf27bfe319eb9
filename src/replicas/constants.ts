/** What is later than a quick answer by less than this is alike to a choice: the clock's grain and the machine's noise. */
export const ALIKE_BELOW_MS = 5;

/** A session leaves the node it read from last where that is so many times as dear as another, and so much dearer. */
export const MUCH_DEARER_TIMES = 4;
export const MUCH_DEARER_MS = 20;

/** A read that is this late at most gets no second question: there would be nothing to gain by it. */
export const MIN_HEDGE_MS = 5;

/** Queries whose times are learnt; names come from code, and those beyond are not hedged. */
export const MAX_TIMED_QUERIES = 200;

/** Answers before "late" means anything. */
export const LEARNT_AFTER = 20;

/** Where hedges seldom help, one is tried this long after the last. */
export const HEDGE_TRIAL_MS = 5_000;

/** A second question goes to a node alone that is expected to answer within so many times what the first was waited for. */
export const HEDGE_WELL_TIMES = 2;

/** Digests make the coordinator look at the nodes at most this often. */
export const SAMPLE_EVERY_MS = 1_000;

/** While there is no primary: whoever is promoted is to be found soon, since nothing can be written until then, */
export const LOST_SAMPLE_EVERY_MS = 250;

/** A look stays with the nodes this long then, and ends with a promotion: the next one follows at once. */
export const LOST_WATCH_MS = 1_000;

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

/** Isolates that are asked for bounded reads hear of the bounds this often: as often as on a busy site. */
export const BOUNDS_HEARD_EVERY_MS = 5_000;

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
