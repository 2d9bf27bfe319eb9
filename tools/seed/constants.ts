/**
 * How much there is of everything, and why. Counts are means: each is spread by a heavy-tailed draw, so that a few
 * pitches and accounts have most of it. A pitch's share follows how often it was seen, a draft has none.
 *
 * Agreements, notifications and sessions keep the proportion the indexes are measured at: 300,000, 600,000 and 300,000
 * for 500,000 pitches. At the default of 20,000 pitches and 2,000 accounts that is 12,000, 24,000 and 12,000.
 */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Backers (investors and production companies) among the accounts, at least: small sets of pitches would have none. */
export const BACKERS_SHARE = 0.25;

/** One request a pitch: six of ten are approved, which makes the 0.6 agreements a pitch of the proportion above. */
export const NDA_REQUESTS_PER_PITCH = 0.95;

/** Most creators decide within days, none leaves a request open for longer: so what is open is recent. */
export const DECIDED_WITHIN_MS = 28 * DAY_MS;

/** Some ask once more within half a year: after a refusal, or when their agreement has run out. */
export const ASKS_AGAIN_SHARE = 0.2;
export const ASKS_AGAIN_WITHIN_MS = 180 * DAY_MS;

/** Taken back before they ran out: rare, since it ends a business relation. */
export const NDA_REVOKED_SHARE = 0.04;

/** A script, then what a producer asks for next: treatment, deck, budget. */
export const DOCUMENTS_PER_PITCH = 1.3;

/** Bookmarks cost nothing: more of them than requests. */
export const SAVES_PER_PITCH = 1.1;

/** An amount is named for every fifth or sixth request: money is the narrow end. */
export const INVESTMENTS_PER_PITCH = 0.18;

/** Of those with an agreement, and of those with an amount, so many also write about the pitch. */
export const WRITES_AFTER_NDA_SHARE = 0.4;
export const WRITES_AFTER_AMOUNT_SHARE = 0.5;

/** Of backers who follow a creator, so many write to them, about no pitch. */
export const WRITES_AFTER_FOLLOW_SHARE = 0.1;

/** Messages of a thread: most end after one or two, a few go on for long; the longest has so many. */
export const MESSAGES_TAIL = 1.3;
export const MOST_MESSAGES = 80;

/** Creators an account follows: as with most such lists, many follow one and a few follow hundreds. */
export const FOLLOWS_TAIL = 1.4;
export const MOST_FOLLOWS = 300;

/** People are told of what happened in this time: about the 1.2 notifications a pitch of the proportion above. */
export const NOTIFIED_FOR_MS = 70 * DAY_MS;

/** The log has been kept for half a year. */
export const AUDITED_FOR_MS = 180 * DAY_MS;

/** Logins an account: rounded down and cut off, `2.4 × pareto(1.5)` is six on average, or 0.6 a pitch. */
export const SESSIONS_LEAST = 2.4;
export const SESSIONS_TAIL = 1.5;
export const MOST_SESSIONS = 200;

/** Logins of the last 45 days with sessions of 30: a third of the sessions has expired, for the nightly clean-up. */
export const LOGINS_OVER_MS = 45 * DAY_MS;

/** Forgotten passwords of the last 45 days: one account of fifty. */
export const RESETS_SHARE = 0.02;

/** Charts go back so many days. */
export const CHARTED_DAYS = 90;

/**
 * One view of twenty has its day: the others are older than the counting by day, or reloads, which no longer count. Half
 * of the pitches have a few days in their chart then, the popular ones all.
 */
export const DAILY_VIEWS_SHARE = 0.05;

/** On one day at most so many people see a pitch. It bounds `pitch_views`, which has a row for each of them. */
export const MOST_VIEWS_A_DAY = 500;

/** Who saw what is known for so many days; afterwards it is forgotten. */
export const VIEWERS_KNOWN_DAYS = 3;
