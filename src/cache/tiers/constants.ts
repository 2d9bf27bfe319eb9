/** An isolate has 128 MB for everything; a quarter of it holds some thousand pages of a list. */
export const MEMORY_BYTES = 33_554_432;

/** An entry that takes a larger share than this of the memory would push out more than it saves. */
export const MAX_MEMORY_SHARE = 1 / 16;

/**
 * Of the memory for what is new, until it is compared with what is there. Between 1 and 10 % the hit ratio of the bench's mix
 * differs by half a percent. An entry larger than this passes through at once.
 */
export const SMALL_SHARE = 0.02;

/**
 * One counter of the frequency sketch for so many bytes of the tier: 512 KiB beside 32 MiB, and as many requests until all
 * are halved. With half as many, too little is known of what comes once a minute: 0.6 % fewer hits.
 */
export const BYTES_A_COUNTER = 64;

/** What V8 takes for a character, where one of them is outside Latin-1. */
export const BYTES_A_CHAR = 2;

/** What an entry takes besides its texts: its objects and numbers, its places in queue and map; 600 bytes in V8 (measured). */
export const ENTRY_OVERHEAD_BYTES = 640;

/** One evicted key is remembered for so many bytes of the tier, to tell the cause of a miss. */
export const BYTES_A_GHOST = 2_048;

/** What failed is left alone this long: a Worker without the Cache API does not pay for it with every request. */
export const COLO_PAUSE_MS = 60_000;

/**
 * A look into this colo's cache takes a few ms, a put some more. Past this the database answers as fast. So many in a row
 * that did not answer are a failure; a single one may be this isolate's own pause.
 */
export const COLO_READ_MS = 100;
export const COLO_WRITE_MS = 1_000;
export const LATE_IN_A_ROW = 3;

/** What lives no longer than this is gone before a neighbour asks for it. */
export const COLO_MIN_LIFE_MS = 2_000;

/** A cold read of KV goes to a central store and takes 50 to 200 ms; past this the database would have answered. */
export const KV_READ_MS = 300;
/** After the response, so that nobody waits; `waitUntil` ends after 30 s. */
export const KV_WRITE_MS = 5_000;

/** KV is one service for everybody: failures in a row, and how long it is left alone then. */
export const KV_FAILURES = 3;
export const KV_PAUSE_MS = 10_000;

/** How long a colo keeps what it read of KV, and that there was nothing: the least that KV takes, so that what is new is seen soonest. */
export const KV_CACHE_TTL_S = 30;

/** The shortest life that KV gives a value. */
export const KV_MIN_TTL_S = 60;

/** Other colos see a write up to a minute later: what does not live longer is of no use to them. */
export const KV_MIN_LIFE_MS = 60_000;

/** KV takes one write a second of a key, and answers the others with 429. */
export const KV_KEY_GAP_MS = 1_000;

/** Put off so many times, a write is given up: somebody else writes this key all the time. */
export const KV_MAX_WAITS = 3;

/** Keys of which a tier remembers what it saw last, so that nothing older is put over it. */
export const MAX_SEEN_KEYS = 2_048;

/** No store is asked to keep anything for longer than a month, however long an answer may stand in for a database that is down. */
export const MAX_KEPT_S = 2_592_000;

/** Claims of its own that an isolate remembers: as many as it begins refreshes while one lasts, and more. */
export const MAX_CLAIMS = 500;
