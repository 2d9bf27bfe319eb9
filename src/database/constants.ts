/** Time a request may spend on the database in all. Users leave after about three seconds; three tries fit into it. */
export const REQUEST_DEADLINE_MS = 3_000;

/** First try's share of what is left, then the second's: a frozen node costs less than half the deadline, twice over. */
export const ATTEMPT_SHARES: readonly number[] = [0.3, 0.5];

/** No attempt is started with less: it could only be cut off and count a node as slow that was not. */
export const MIN_ATTEMPT_MS = 20;

/**
 * An attempt's timer that rings this much late was kept from it by this isolate itself (a collection of garbage, a
 * password's hash), as were all answers; those that are there are read within this long, and count for the node.
 */
export const STOOD_STILL_MS = 50;
export const CATCH_UP_MS = 250;

/** A write gives up this much before the request's deadline, so that "unknown outcome" still reaches the client. */
export const WRITE_RESERVE_MS = 100;

/** The server's own limit for a write, as a share of ours: it ends first, so that "nothing was written" still arrives. */
export const WRITE_SERVER_SHARE = 0.9;

/** Retries after the first try, each on another node where there is one. */
export const MAX_RETRIES = 2;

/** How long a node that failed is passed over, doubling with each failure in a row up to the maximum. */
export const AVOID_MS = 1_000;
export const AVOID_MAX_MS = 30_000;

/** A node that has owed every answer for this long gets no new reads: many times a healthy answer, a quarter of a share. */
export const SILENT_AFTER_MS = 250;

/** What is known of roles may be used this long; a role error refreshes it at once. */
export const TOPOLOGY_MAX_AGE_MS = 30_000;

/** A refresh of roles after a response is taken for dead after this long: its request may have ended under it. */
export const REFRESH_EXPIRES_MS = 3_000;

/** After a search that found no primary, requests that need it are refused this long without another search. */
export const NO_PRIMARY_MS = 1_000;

/**
 * Who could not write asks the world's map again behind the answer, at most this often; in a large world less often, so
 * that all isolates together ask it some hundred times a second.
 */
export const MAP_ASK_MS = 250;
export const MAP_ASK_PER_REPORTER_MS = 10;

/** and as seldom as this once it has been asked for minutes: nobody waits at the door any more. */
export const MAP_ASK_LATE_MS = 2_000;

/** Whoever has not asked for so long asks for another loss than before. */
export const MAP_ASKED_LATELY_MS = 10_000;

/**
 * A new isolate that needs the primary while a node is silent waits so long for the world's word on who that is. The one
 * request in the one case that waits for an object: else it might write to a rival.
 */
export const FIRST_MAP_MS = 300;

/** A question for a node's role waits at most this long: a healthy node answers in a tenth, a frozen one never. */
export const ROLE_QUESTION_MS = 1_000;

/** A standby that is waited for looks this often whether it is one still: the grain of how soon a promotion is heard of. */
export const PROMOTION_STEP_MS = 10;

/** A health check asks this often, this far apart, each try this long: one check is enough to open a dead node. */
export const CHECK_TRIES = 5;
export const CHECK_PAUSE_MS = 150;
export const CHECK_TRY_MS = 750;

/** Tries to settle an unknown outcome after the response, and the pause between them, doubling. */
export const CLAIM_TRIES = 4;
export const CLAIM_PAUSE_MS = 500;
export const CLAIM_TRY_MS = 3_000;

/** Names kept by the query statistics; they come from code, so a larger number is a mistake in the naming. */
export const MAX_QUERY_NAMES = 500;

/** How far from the server's clock a mark may be: `breakwater.mark()` refuses it beyond (BW002). */
export const MARK_WINDOW_MS = 600_000;

/** A node that may sleep counts as asleep after this long without a query of the application; Neon's own limit is 5 min. */
export const ASLEEP_AFTER_MS = 240_000;

/** A session's read that no replica could prove waits this long, doubling up to the maximum: they are milliseconds behind. */
export const PROOF_PAUSE_MS = 15;
export const PROOF_PAUSE_MAX_MS = 800;

/** A node that failed a session's read is asked again so many turns later where nobody else could prove it. */
export const ASKED_AGAIN_AFTER_TURNS = 2;
