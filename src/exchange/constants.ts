/** An exchange that began this long ago is taken for dead: its request may have ended under it. */
export const IN_FLIGHT_MS = 3_000;

/** Whoever waits for the exchange of another request looks this often whether it brought something. */
export const FIRST_WORD_LOOK_MS = 20;

/** Before the first answer said when to come back. */
export const FIRST_PACE_MS = 5_000;

/**
 * A pace this slow is that of a quiet site. So many requests since the last report say that it is none any more, and pay
 * for an exchange: four calls (a Collector's and its owners'), at 0.02 a request.
 */
export const QUIET_PACE_MS = 20_000;
export const BUSY_REQUESTS = 200;

/** Between the beginnings of two exchanges with urgent news, at least: what happens meanwhile goes along. */
export const URGENT_GAP_MS = 250;

/** Bumps of one isolate: the first at once, then at most this often. */
export const BUMP_GAP_MS = 5_000;

/** Failures double the gap, up to this; no Collector may ask for a longer one, past which its word counts for nothing, */
export const MAX_GAP_MS = 60_000;

/** nor for a shorter one: half of what an incident asks for. */
export const MIN_GAP_MS = 1_000;

/** After so many failures in a row the next shard is tried. */
export const MOVE_AFTER_FAILURES = 3;

/** Away from its own shard, an isolate tries it again after this long. */
export const RETURN_AFTER_MS = 60_000;

/** The platform ends `waitUntil` 30 s after the response: nothing is put off for longer than this. */
export const LINGER_MAX_MS = 25_000;

/** The colo's copy is looked at this often: once a millisecond's work, and a neighbour's news. */
export const COLO_LOOK_MS = 1_000;

/** A copy younger than this is not put again without news, */
export const COLO_PUT_MS = 2_000;

/** and nobody with nothing to tell needs to fetch a newer one for this long. */
export const COLO_REFRESH_MS = 5_000;

/** An exchange with nothing to tell waits this long for the copy to be pushed out: a put takes some 4 ms. */
export const COLO_PUSH_MS = 100;

/** The entry's own lifetime: past the hard horizon nobody believes it. */
export const COLO_KEPT_S = 60;

/**
 * Clocks of one colo's machines differ by less than this. It is added to every copy's age, so that none is understated;
 * a copy from further in the future was stored by no clock to go by.
 */
export const COLO_SKEW_MS = 1_000;

/** A copy that could not be read back is not tried again for this long. */
export const COLO_ABSENT_MS = 60_000;

/** Bulk rides at most this often, and less often while something is wrong: then other news come first. */
export const BULK_GAP_MS = 10_000;
export const BULK_INCIDENT_GAP_MS = 30_000;
export const MAX_BULK_CHARS = 4_096;

/** Of it heat may take so much: some 30 keys of the usual length. Of the rest the next piece tells, should it stay hot. */
export const MAX_HEAT_CHARS = 1_536;
/** Keys in one piece, and their length: more no Collector takes. */
export const MAX_BULK_HEAT = 64;
export const MAX_HEAT_KEY_CHARS = 200;

/** The dearest misses may take so much: six keys of the usual length, and all the keys that somebody waited long for. */
export const MAX_MISSES_CHARS = 512;
export const MAX_BULK_MISSES = 16;

/** Collectors know a reporter's last piece for an hour; one that is older than half of that is not sent again. */
export const MAX_BULK_AGE_MS = 1_800_000;

/** A report not acknowledged for this long is taken apart: its counts are old, its bumps go into the next. */
export const THAW_AFTER_MS = 45_000;

/** A report that its owners could not be told of is sent again after this long, doubling up to 16 times it. */
export const UNACKNOWLEDGED_GAP_MS = 1_000;

/** Exchanges in one go: a lease, its settlement, the next lease, its settlement. */
export const MAX_ROUNDS = 5;

/** Bumps that wait to be reported; more than this were made by no application that reads its answers. */
export const MAX_WAITING_BUMPS = 1_024;

/** Writes that neighbours are told of in one copy, the newest ones: what more there are they hear from the objects. */
export const MAX_TOLD_BUMPS = 64;
/** and how far apart such copies are at least: a put takes some 4 ms, and a write of data as many. */
export const COLO_TELL_MS = 250;
