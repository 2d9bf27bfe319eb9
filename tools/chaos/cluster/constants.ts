/** Requests a second, all clients together: much more, and two cores would be what is measured. */
export const RATE = 30;

/** Sessions that count a register up, each its own, and sessions that read and create. */
export const WRITERS = 6;
export const VISITORS = 10;

/** A request's own deadline is 3 s; twice that is the machine's. */
export const PATIENCE_MS = 8_000;

/** Requests kept for the checker: ten minutes at a rate of 100 a second. */
export const MAX_OPERATIONS = 60_000;

/** Values of its own that a session goes on looking at: the newest are those that a node may lack. */
export const OWN_KEYS = 4;

/** How often each node is asked where it stands. */
export const WATCH_EVERY_MS = 200;

/** A node that does not answer a look within this long is taken for away. */
export const LOOK_WITHIN_MS = 1_000;

/** How long writes may take to be possible again after a promotion, and all to be well after the last fault. */
export const RESUME_WITHIN_MS = 20_000;
export const MEND_WITHIN_MS = 60_000;

/** Between the detaching of the standbys and the primary's death: long enough for writes that only it has. */
export const BEHIND_FOR_MS = 800;

/** Writes to the primary while a rival is there, before it dies. */
export const BESIDE_FOR_MS = 1_500;

/** Between two tries to write after a promotion: what the gap is known to. */
export const TRY_EVERY_MS = 50;

/** Violations and refusals that are told one by one; of more only the number. */
export const MOST_TOLD = 20;

/** A node that answers again is asked by all again within this long (the breaker's own promise). */
export const CLOSES_WITHIN_MS = 15_000;

/** Whoever was promoted and is not written to by then needs an operator's word. */
export const ORDER_AFTER_MS = 8_000;

/** A rival stays this many times as long as another fault: in calm nobody looks at all nodes for ten seconds. */
export const RIVAL_TIMES = 4;
