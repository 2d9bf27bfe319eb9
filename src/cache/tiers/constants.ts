/** An isolate has 128 MB for everything; a quarter of it holds some thousand pages of a list. */
export const MEMORY_BYTES = 33_554_432;

/** An entry that takes a larger share than this of the memory would push out more than it saves. */
export const MAX_MEMORY_SHARE = 1 / 16;

/**
 * Where what is new gathers its first hits, and what is asked for once passes by. Measured with `bench cache`: 2, 5 and
 * 10 % of the memory give 0.686, 0.685 and 0.682 of hits; a list has to fit several times.
 */
export const SMALL_SHARE = 0.05;

/** The one of least worth among so many makes room. Measured: 8 give 0.683 of hits, 16 give 0.685. */
export const MAIN_SAMPLE = 16;

/** 64 KiB: some ten times as many columns as entries that fit into the memory, four rows. */
export const SKETCH_ROWS = 4;
export const SKETCH_COLUMNS = 16_384;

/**
 * Counts are halved after so many questions, an hour of a busy isolate: what was hot is forgotten in a few of them. After
 * 50,000 the memory hits 0.7 % less often where nothing changes.
 */
export const SKETCH_HALVED_AFTER = 200_000;

/** What V8 takes for a character, where one of them is outside Latin-1. */
export const BYTES_A_CHAR = 2;

/** What an entry takes besides its texts: its objects and numbers, its place in a queue and in the map. Estimated above. */
export const ENTRY_OVERHEAD_BYTES = 640;

/** The ghost queue remembers one evicted key for so many bytes of the tier: as many as there are small entries, 1 % of it. */
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
