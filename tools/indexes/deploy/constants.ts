/** Postgres cuts a longer name off, with a notice alone: its first 63 bytes would be found by nobody. */
export const MAX_NAME_BYTES = 63;

/** Where unqualified names of the catalogue are; fixed, so that pg_get_indexdef prints the same for every role. */
export const SCHEMA = "public";

/** The deployer's lock. One builder a database: builds of partial indexes wait for each other's snapshots. */
export const LOCK_KEY = "hashtextextended('breakwater.indexes', 0)";

/** How long a second deployer asks for the lock: longer than a killed one's session lives, shorter than patience. */
export const LOCK_WITHIN_MS = 1_200;
export const LOCK_EVERY_MS = 100;

/** Postgres looks that often whether the builder's client is there: an orphan's build has nobody to give way for it. */
export const CLIENT_CHECK_MS = 200;

/**
 * How often the watchdog looks. A statement that waits for a stronger lock than writers' behind our build holds up every
 * writer after it: a fifth of the 50 ms that those may lose to us, since a look and a cancel take their time as well.
 */
export const WATCH_EVERY_MS = 10;

/** How often progress, and what the watchdog says of a wait, is told where nothing changes. */
export const TELL_EVERY_MS = 1_000;

/** A wait of a moment is no news: every build has some. */
export const BLOCK_IS_NEWS_AFTER_MS = 200;

/** How often a condition outside (a replica's lag, the breaker, somebody's build) is asked again. */
export const ASK_EVERY_MS = 500;

/** A replica's reader younger than this is on its way out by itself. */
export const OLD_READER_MS = 1_000;

/** A cancel may meet a backend between two statements: it is sent again after this long. */
export const CANCEL_AGAIN_MS = 1_000;

/** A backend that the server does not know any more, while its connection says nothing, is gone after this long. */
export const GONE_AFTER_MS = 2_000;

/** The watchdog's own statements: it must never hang on what it watches. */
export const OBSERVER_TIMEOUT_MS = 10_000;
export const OBSERVER_LOCK_MS = 1_000;

/** Share of a table that is copied to estimate an index, its bounds in pages, and where the whole is copied. */
export const SAMPLE_SHARE = 0.02;
export const MAX_SAMPLE_PAGES = 20_000;
export const WHOLE_BELOW_PAGES = 500;

/** Share of the free disk that an index may take: sorting needs as much again in temporary files. */
export const FREE_SHARE = 0.5;

/** Groups of duplicates that are told of, and rows of each. */
export const MAX_DUPLICATE_GROUPS = 10;
export const MAX_DUPLICATE_ROWS = 3;

/** How much of somebody's statement is shown: enough to know it by. */
export const QUERY_HEAD_CHARACTERS = 80;

/** What may be told of the progress before the catalogue says that the index is valid. */
export const MOST_BEFORE_VALID = 0.99;

/** Half the time at random, so that what failed together does not come back together. */
export const BACK_OFF_JITTER = 0.5;

/** How long a lost connection is asked for again: a server whose backend was killed is back within a second or two. */
export const RENEW_WITHIN_MS = 5_000;
export const RENEW_EVERY_MS = 250;
