/** The cron triggers of wrangler.toml. Every minute: health and roles. Once a night: the partitions of the days to come. */
export const EVERY_MINUTE = "* * * * *";
export const NIGHTLY = "17 3 * * *";
