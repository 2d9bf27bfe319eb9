/** Argon2id as OWASP's password storage sheet has it: 19 MiB and two passes is its first choice for one lane. */
export const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1, hashLength: 32 } as const;

/**
 * What every hash made with today's parameters begins with. A hash that begins otherwise is made anew at the owner's
 * next login, when the password is at hand: raising the parameters above needs nothing else.
 */
export const CURRENT_HASH_PREFIX = `$argon2id$v=19$m=${ARGON2.memoryCost},t=${ARGON2.timeCost},p=${ARGON2.parallelism}$`;

/**
 * Compared with where there is no hash to compare with, so that an unknown address costs as much time as a wrong
 * password. Made of 32 random bytes that nobody kept; must have today's parameters, or the times differ again.
 */
export const DUMMY_HASH = `${CURRENT_HASH_PREFIX}Efd6DIcqWJ1eKTFY3rJnOw$LjPNQ8E5YOMYMkDTVrSDmDQ/xp+io9a96OLoWRaAFtM`;

/** Hashes an isolate may have waiting. Each takes some 40 ms of its only thread: the last one waits two thirds of a second. */
export const MAX_HASHES_WAITING = 16;

/** A hash that began longer ago does not count as waiting: its request was cancelled and will never say so. */
export const HASH_FORGOTTEN_MS = 10_000;

/** How long a session lasts from its login. */
export const SESSION_MS = 30 * 24 * 60 * 60 * 1_000;

/** The cookie that carries the session's token; `bw` is another one, the database's. */
export const SESSION_COOKIE = "session";

/** A token is this many random bytes: beyond guessing, so its digest needs no salt. */
export const TOKEN_BYTES = 32;

/** A page without `limit`, and the largest. */
export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

/** A longer cursor is none of ours. */
export const MAX_CURSOR_LENGTH = 256;

/**
 * A mark that is absent may be claimed this long after its birth; the database refuses it afterwards. The same ten
 * minutes as the core's `MARK_WINDOW_MS`.
 */
export const CLAIM_WINDOW_MS = 600_000;

/** How long somebody has to set a new password: time to find the letter, too short to matter in a mailbox that leaks later. */
export const RESET_MS = 60 * 60 * 1_000;

/** An account is sent one letter in this time: enough for who is impatient, and no way to flood a mailbox. */
export const RESET_EVERY_MS = 60_000;

/** Who sends the letters has this long to take one: the work goes on behind the answer, which the platform ends at 30 s. */
export const RESET_WEBHOOK_MS = 3_000;

/** Requests for letters an isolate has under way behind their answers, where nobody's patience bounds them. */
export const MAX_RESETS_IN_FLIGHT = 16;

/** A letter that began longer ago does not count as under way: the database's deadline and the webhook's are over. */
export const RESET_FORGOTTEN_MS = 10_000;

/** Sessions shown to their owner, newest first: more is nobody's list to read, and ending all others ends them too. */
export const MAX_SESSIONS_SHOWN = 100;

/** How long an NDA is in force: a year, as such agreements for one project usually are. Afterwards it is asked for anew. */
export const NDA_MS = 365 * 24 * 60 * 60 * 1_000;

/** Documents of one pitch: all that a data room has, and few enough to be shown at once. */
export const MAX_DOCUMENTS = 50;

/** A document's size: the most that object stores take in one upload (5 GiB). */
export const MAX_DOCUMENT_BYTES = 5 * 1024 ** 3;

/** An investment's amount in dollars; the table's constraint holds the same. */
export const MAX_INVESTMENT = 1_000_000_000;

/** Unread notifications are counted up to here: beyond it a badge says nothing more, and counting costs. */
export const MAX_UNREAD_COUNTED = 1_000;

/** Notifications named in one request to mark them as read: a page of them. */
export const MAX_READ_IDS = 100;

/** Notifications marked as read by a time, in one request: some ten milliseconds of the primary. The answer tells whether more are left. */
export const MAX_READ_AT_ONCE = 1_000;

/** Days of the dashboard's views: what a month looks like. */
export const DASHBOARD_DAYS = 30;

/** Pitches named in a dashboard, the most viewed ones. */
export const TOP_PITCHES = 5;

/**
 * Changes that one statement counts: 0.15 s of the primary's processor with a million pitches, and within a statement's
 * five seconds also where each page comes from cold storage. A run sends up to a thousand.
 */
export const FOLD_BATCH = 1_000;

/** Rows that one statement deletes by night, of tables that grow by the second: some 20 ms. */
export const FORGET_VIEWS_BATCH = 5_000;

/** Characters of a thread's last message shown in the list of threads: two lines of it. */
export const EXCERPT_CHARACTERS = 140;

/**
 * Hits of a search that are ranked, the newest: three pages, more than most people turn. Dearest are words that are in
 * too many pitches to fetch them all and in too few to meet so many of them soon, both ways as the root of this number:
 * of 180 words at a million pitches the dearest reads 2,993 buffers, and 4,240 with a hundred.
 */
export const RANKED_HITS = 60;
