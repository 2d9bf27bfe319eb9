/** Batches that a clean-up may take until it finds nothing: more are a query that does not end. */
export const MOST_BATCHES = 2_000;

/** Runs of a statement before any that counts: pages are in memory afterwards, and hint bits set. */
export const WARMING_RUNS = 1;

/** Runs that count: the middle one is told. Buffers of warm runs are the same, or differ by a page or two. */
export const COUNTED_RUNS = 3;

/** A run that takes longer than this has warmed what it can: the next ones count, so that scans do not cost four runs. */
export const SLOW_RUN_MS = 1_000;

/** A statement that takes longer is called off and fails: nothing that a visitor waits for may. */
export const STATEMENT_TIMEOUT_MS = 120_000;

/** A query that reads more than so many times the buffers it read before is worse: below it, ANALYZE's dice show. */
export const REGRESSION_RATIO = 1.2;

/** Fewer buffers more than this are no regression: three instead of two are half as many again, and nobody's loss. */
export const REGRESSION_LEAST_BUFFERS = 10;

/** A sort of so few rows takes microseconds: a bitmap and a sort are a fine plan of a short list. */
export const SHORT_LIST_ROWS = 100;

/** Rows in the table whose writes are measured, at most: three levels of a B-tree, and seconds to fill. */
export const WRITE_TABLE_ROWS = 20_000;

/** Writes that are measured of each kind: a mean that a split of a page does not sway. */
export const MEASURED_WRITES = 2_000;

/** Of each ten rows one is changed, and a third of each page is free: whatever is not HOT then is so for an index. */
export const CHANGED_SHARE = 0.1;
export const WRITE_TABLE_FILLFACTOR = 70;

/**
 * Pitches of a database of its own, unless told otherwise: the planner decides as with more. Of a fifth of them some
 * tables are read whole for less than a page of their rows by keys.
 */
export const PROOF_PITCHES = 100_000;

/** With fewer every table fits into a few pages, which a scan reads for less than any index: nothing to prove. */
export const LEAST_PITCHES = 5_000;

/** Latency of a sampled query: asked so often, or for so long. */
export const LATENCY_ROUNDS = 40;
export const LATENCY_BUDGET_MS = 1_000;
/** Asked so often also when that takes longer than the budget: the middle of three is not the one that was unlucky. */
export const LATENCY_LEAST_ROUNDS = 3;
