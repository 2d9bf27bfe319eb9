/** Rounds of a baseline: enough that a 95th percentile is a measured value, and some seconds for all queries. */
export const USUAL_RUNS = 20;

/** Rounds before any that counts: plans, caches and the connection are warm then. */
export const WARM_RUNS = 2;

/** A query that has taken this long in all needs no further rounds, but for the least: sequential scans take long. */
export const QUERY_BUDGET_MS = 3_000;
export const LEAST_RUNS = 5;

/** More rounds tell nothing new, and a mistyped number would ask for days. */
export const MAX_RUNS = 1_000;

/** A statement of a baseline that runs longer is given up and told as such: it would hold up all the others. */
export const STATEMENT_TIMEOUT_MS = 60_000;

/** Resamplings: at 99 % the ends of an interval then rest on ten of them each, and a report takes seconds. */
export const RESAMPLINGS = 2_000;

/** Of an interval. Not 95 %: of some eighty queries, four would then seem changed by chance. */
export const CONFIDENCE = 0.99;

/** Any number: the same two files give the same intervals. */
export const RESAMPLING_SEED = 1;

/** Row counts are the planner's estimates; two of the same data differ by less than this. */
export const SAME_ROWS_WITHIN = 0.05;

/** Growth of a table's file since its statistics were taken, past which they tell of another table. */
export const STALE_GROWTH = 1.5;

/** What a count of buffers may change by without being called a change: a page split here or there. */
export const SAME_BUFFERS_WITHIN = 0.1;

/** Reads with more buffers that a summary names: the table has all. */
export const MOST_DEARER = 5;

/** Where baselines and reports are kept, unless told otherwise: not in the repository. */
export const FOLDER = ".breakwater/indexes";
