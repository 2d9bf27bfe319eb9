/** The cron triggers of wrangler.toml, and what each is for. */

/** Health and the map of the nodes. */
export const EVERY_MINUTE = "* * * * *";
/** Statistics and warming. */
export const EVERY_FIVE_MINUTES = "*/5 * * * *";
/** Clean-up: expired sessions, old marks and idempotency keys, the partitions of the days to come. */
export const NIGHTLY = "17 3 * * *";

export const CRONS: readonly string[] = [EVERY_MINUTE, EVERY_FIVE_MINUTES, NIGHTLY];
