/** When an index goes again. Scans are counted on all nodes together: replicas read what the primary does not. */

/** The usual one: a month has every cron and every report in it once. */
export const UNUSED = "no node scanned it in 35 days";

/** Of a unique index, which is also a rule: never for want of scans. */
export const WITH_ITS_RULE = "the rule that it enforces is given up";

/** Of what was never built. */
export const NEVER_BUILT = "it is there: nothing asks for it";

/** Of the optional ones. */
export const NO_LONGER_WANTED = `what its verdict waits for is over, or ${UNUSED}`;
