/** As the catalogue's drop rules: shorter, and the job that runs once a month may not have run yet. */
export const UNUSED_WINDOW_MS = 35 * 86_400_000;

/** Of an index, that is neither live entries nor the room its fill factor keeps. Random keys settle near 30 %. */
export const BLOATED_SHARE = 0.5;

/** Below it a rebuild gives back less than it is worth to look after. */
export const BLOATED_BYTES = 10 * 1_048_576;

/** Statements that are looked at, those that took the most time. */
export const STATEMENTS = 100;

/** A named query of a Worker is worth an index when it is slow at times, or takes this share of all database time. */
export const SLOW_MS = 20;
export const FREQUENT_SHARE = 0.05;

/** A table of fewer pages is read through faster than an index of it is worth its writes. */
export const LEAST_TABLE_PAGES = 64;

/** Columns of a proposed index: each one more costs every write, and hardly ever saves a page. */
export const PROPOSED_COLUMNS = 4;

/** A proposal is proved when some query of it reads at most half the buffers. */
export const PROVED_RATIO = 0.5;

/** As in a proof of the catalogue: more buffers than this, and the index makes another query worse. */
export const WORSE_RATIO = 1.2;
/** A page or two more are no regression. */
export const WORSE_LEAST_BUFFERS = 10;

/** Building and running on a clone: what takes longer is given up, and the proposal told as unproven. */
export const CLONE_TIMEOUT_MS = 300_000;

/** Rows that a proposed index's write cost is measured with: some in the table before, some written. */
export const PROBE_ROWS = 20_000;
export const PROBE_WRITES = 2_000;
/** Fewer rows than this say nothing about a page's splits. */
export const PROBE_LEAST_ROWS = 500;

/** Values of a column for a statement of which only the shape is known: as many rows are looked at. */
export const VALUE_ROWS = 50_000;

/** Rows of a page of a list: what `LIMIT $n` is given. */
export const USUAL_LIMIT = 21;

/** How long a Worker may take to tell of its queries. */
export const WORKER_TIMEOUT_MS = 5_000;

/** B-tree pages, as `nbtree` lays them out on 64 bits: header and special space of a page, line pointer, tuple header. */
export const PAGE_OVERHEAD_BYTES = 24 + 16;
export const LINE_POINTER_BYTES = 4;
export const INDEX_TUPLE_BYTES = 8;
/** With a bitmap of nulls. */
export const INDEX_TUPLE_WITH_NULLS_BYTES = 16;
export const ALIGNMENT_BYTES = 8;

/** A live database is asked small questions: one that takes longer is in somebody's way, or they in ours. */
export const READ_TIMEOUT_MS = 60_000;
export const READ_LOCK_TIMEOUT_MS = 2_000;

/** Where names without a schema are looked for. A role that is named like the core's schema would find that one first. */
export const SEARCH_PATH = 'public, "$user"';
