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
