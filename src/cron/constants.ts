/** Leases, a cron each: shorter than the time to its next run, so that a run which died costs at most that one. */
export const MINUTELY_LEASE_MS = 60_000;
export const FIVE_MINUTES_LEASE_MS = 240_000;
/** Cloudflare ends a run after 15 minutes: what still holds a lease then is surely gone. */
export const NIGHTLY_LEASE_MS = 840_000;

/** A run that failed or was lost may be granted again this often; a fifth try of the same minute would mend nothing. */
export const MAX_REGRANTS = 3;

/** Runs kept of each cron: a hundred minutes of the five-minute one, and one SQLite value of a few tens of kilobytes. */
export const MAX_RUNS = 20;

/** Crons kept: there are three; the rest is room for triggers that were renamed. */
export const MAX_CRONS = 8;

/** Characters of a run's note, and of its detail as JSON: both are shown, neither is a log. */
export const MAX_NOTE_CHARS = 300;
export const MAX_DETAIL_CHARS = 1_000;

/** A nightly run is overdue this long after the last good one: a day, and room for one that began late. */
export const NIGHTLY_OVERDUE_MS = 26 * 3_600_000;

/** One that is overdue and fails is tried again this much later: what fails by night fails by the minute as well. */
export const NIGHTLY_AGAIN_MS = 3_600_000;

/** Marks' partitions are made for so many days: a database may sleep that long and still take the first write. */
export const PARTITIONS_AHEAD_DAYS = 14;

/** Rows one statement forgets: some 2 ms, so that nobody waits for its locks and replicas replay it at once. */
export const FORGET_BATCH = 1_000;

/** Statements of one kind of forgetting, or of keeping up to date, in a run: each is a subrequest, of which an invocation has 10,000. */
export const MAX_BATCHES = 1_000;

/** Time for a statement that has little to do. */
export const STATEMENT_MS = 5_000;

/** How long detaching a day of marks waits for open transactions; what is given up then is finished by its successor. */
export const DETACH_WAIT_MS = 2_000;

/** What the application keeps up to date may take half of the five-minute run; statistics are taken in the other half. */
export const REFRESH_MS = FIVE_MINUTES_LEASE_MS / 4;

/** Time for one table's ANALYZE: it reads a sample of 30,000 rows, however large the table. */
export const ANALYZE_MS = 30_000;

/** Tables whose statistics are taken in one run; the next is five minutes away. */
export const MAX_TABLES = 8;
