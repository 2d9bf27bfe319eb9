import { NIGHTLY_OVERDUE_MS } from "../cron/constants.ts";
import { EVERY_FIVE_MINUTES, EVERY_MINUTE, NIGHTLY } from "../cronTriggers.ts";

/** Any answered query younger than this is a check by itself. */
export const CHECK_AFTER_MS = 10_000;

/** A node whose last answer was a failure is looked at sooner, so that its return is seen. */
export const RECHECK_AFTER_MS = 2_000;

/** After how many requests' time the isolate looks whether something is due: a look costs more than a comparison. */
export const LOOK_EVERY_MS = 500;

/** What `/health` may wait for an exchange, and only in an isolate that knows nothing yet. */
export const HEALTH_WAIT_MS = 150;

/** Whoever is silent while a promotion is waited for is asked again after this long: an old primary may come back. */
export const WATCH_AGAIN_MS = 250;

/** A standby is waited for so long at a time: the question holds a snapshot, and with it what replay would clean up. */
export const WATCH_STANDBY_MS = 500;

/** Once one takes writes, the others' first answers are waited for at most this long: long enough for whoever lives. */
export const WATCH_PATIENCE_MS = 250;

/** Evidence of this age is renewed at once, while older than `CHECK_AFTER_MS` is renewed when there is occasion. */
export const URGENT_CHECK_AGE_MS = 45_000;

/** Evidence older than this proves nothing any more. */
export const EVIDENCE_MAX_AGE_MS = 90_000;

/** A check that began this long ago is taken for dead: its isolate's request may have ended under it. */
export const CHECK_EXPIRES_MS = 5_000;

/** Time for one check of all nodes that are due. */
export const CHECK_DEADLINE_MS = 4_500;

/** A node that was behind by more than this when it was last asked answers with what nobody would call current. */
export const LAG_LIMIT_MS = 10_000;

/** What `/health` is told of older than this is marked: half of what proves anything, so that a warning comes in time. */
export const EVIDENCE_WARN_AGE_MS = EVIDENCE_MAX_AGE_MS / 2;

/**
 * A cron is overdue this long after its last run ended. Of the frequent ones a few runs may be late, lost, or under
 * another's lease; the nightly one is given the day and the hours that `NIGHTLY_OVERDUE_MS` gives it.
 */
export const CRON_SILENT_MS: Readonly<Record<string, number>> = {
  [EVERY_MINUTE]: 5 * 60_000,
  [EVERY_FIVE_MINUTES]: 20 * 60_000,
  [NIGHTLY]: NIGHTLY_OVERDUE_MS,
};
