/** The wire's version. Fields are added within it; a message of a later one is refused. */
export const WIRE = 1;

/** A report's text may be this long: 16 nodes in trouble and 32 writes of 32 tags make 23,500; most make 500. */
export const MAX_REPORT_CHARS = 32_768;

/** A digest's text, or an owner's answer: many reports of one moment, or all buckets of tags. */
export const MAX_DIGEST_CHARS = 524_288;

/** Nodes that a message may speak of; configuration allows as many. */
export const MAX_NODES = 16;

/** Reporters that a digest names for a node. Quorum needs three; the rest are a number. */
export const MAX_NAMED_REPORTERS = 8;

/** The colo of an isolate that no request told where it is: a cron's, or one on a machine of one's own. */
export const NOWHERE = "none";

/** Bumps in one report; more wait for the next. */
export const MAX_BUMPS = 32;

/** Bumps in one digest: many reports' worth. */
export const MAX_DIGEST_BUMPS = 512;

/** Marks that a probe looks for: all live bumps there may be. */
export const MAX_PROBE_MARKS = 256;

/** Marks that one question of what was written since takes. What is more, the next one takes: 30 KB of a megabyte. */
export const MAX_OUTBOX_MARKS = 256;

/** A snapshot as text: 20 characters for each transaction under way, of which a server has some hundreds. */
export const MAX_SNAPSHOT_CHARS = 65_536;

/** Numbers of bumps that are told by id. */
export const MAX_RECENT_BUMPS = 1_024;

/** Buckets that tags are hashed into (`docs/design/exchange.md`). */
export const TAG_BUCKETS = 1_024;
/** Tags of a write, an answer or a purge: each costs every look at a copy a comparison. */
export const MAX_TAGS = 32;

/** Evidence held back this long decides nothing any more: it is older than every window. */
export const STALE_REPORT_MS = 60_000;

/** Owners' clocks may differ by this much; an incarnation further ahead of ours was never made. */
export const CLOCK_SKEW_MS = 3_600_000;

/** An exchange's share of a `waitUntil`: objects answer in milliseconds, other continents in 300. */
export const EXCHANGE_DEADLINE_MS = 2_000;

/** A Collector waits this long for an owner; then it answers from memory. */
export const DIGEST_DEADLINE_MS = 500;

/** Admin and metrics may wait this long for an object. */
export const ADMIN_DEADLINE_MS = 2_000;

/** An order of who is to be the primary: after a look that is under way, one at all nodes, and one that begins the epoch. */
export const REPLICA_ORDER_DEADLINE_MS = 6_000;

/** After "out of quota" nothing is asked for this long: it is a day's limit, and each call would only fail again. */
export const QUOTA_PAUSE_MS = 600_000;

/** How long an owner's call of the Prober may take: the check's own limit, and the way there. */
export const PROBE_DEADLINE_MS = 3_000;

/** Keys of shared answers that objects are told of: what is longer is a search of many words, which nobody sends twice. */
export const MAX_TOLD_KEY_CHARS = 600;

/** How long a warming run may say that it takes: the crons' takes a minute. */
export const MAX_CLAIM_MS = 300_000;
