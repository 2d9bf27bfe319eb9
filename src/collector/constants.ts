/** Object invocations that a request may cause, on average, where there is traffic: reports, digests and alarms alike. */
export const CALLS_PER_REQUEST = 0.02;

/** An isolate comes back at most this often while all is calm, */
export const CALM_MIN_MS = 5_000;

/** where many report: a Collector stays under 500 calls a second, and the month's bill under its limit. */
export const CROWDED_MIN_MS = 10_000;
export const CROWDED_REPORTERS = 500;

/** On a quiet site: at least and at most. Jittered between them, so that isolates do not come in step. */
export const QUIET_MIN_MS = 20_000;
export const QUIET_MAX_MS = 50_000;

/** In an incident news are worth more than calls. */
export const INCIDENT_MS = 2_000;

/** Share by which a pace is shortened or lengthened at random. */
export const PACE_JITTER = 0.1;

/** Reporters per shard: in an incident, at 2 s each, they make 400 calls a second. */
export const REPORTERS_PER_SHARD = 800;
export const MAX_SHARDS = 64;

/** A shard count goes down only when this share of a lower one would do: moving isolates to and fro helps nobody. */
export const SHARD_SLACK = 0.6;

/** A reporter that did not come back for this long is gone: twice the longest pace, and some. */
export const REPORTER_KEPT_MS = 120_000;
export const MAX_REPORTERS_KNOWN = 20_000;

/** How old an owner's word may be before it is asked again: after an answer, and before one. */
export const REFRESH_AFTER_MS = 4_500;
export const REFRESH_BEFORE_MS = 10_000;

/** In an incident the owners are asked at most this often without urgent news. */
export const INCIDENT_REFRESH_MS = 1_000;

/** After an owner failed it is left alone this long, doubling up to the maximum. */
export const OWNER_PAUSE_MS = 500;
export const OWNER_PAUSE_MAX_MS = 8_000;

/** Leases a Collector asks for at once: more than nodes that recover together is rare. */
export const LEASES_WANTED = 4;

/** A lease is kept from the colo that it is not meant for this long: others come within a second in an incident. */
export const LEASE_KEPT_MS = 500;

/** Reports with trouble in one digest; more wait for the next, which follows at once. */
export const MAX_DIGEST_REPORTS = 48;

/** Hot keys in one digest, the hottest of those that wait: each isolate tells some thirty, most of them the same. */
export const MAX_DIGEST_HEAT = 256;
export const MAX_GATHERED_HEAT = 2_048;

/** The dearest misses in one digest, and of how many that wait: each isolate tells some six. */
export const MAX_DIGEST_MISSES = 64;
export const MAX_GATHERED_MISSES = 512;

/** The application asked a node within this time: it is awake. */
export const AWAKE_MS = 240_000;

/** Totals are written at most this often, */
export const CHECKPOINT_EVERY_MS = 1_000;

/** where so many report less often: at one a second the rows of a large site cost more than all its calls. */
export const CROWDED_CHECKPOINT_EVERY_MS = 10_000;
export const CROWDED_CHECKPOINT_REPORTERS = 100;

/** Reporters that wait to leave for another shard owe nothing here after this long. */
export const LEAVING_CHECKPOINT_EVERY_MS = 5_000;

/** An owner's word of this age that a node is open answers whoever says so again. */
export const ANSWERED_FOR_MS = 2_000;

/** While a node waits for its probe, an owner's word younger than this brings no lease that was not there before. */
export const PROBE_ASK_EVERY_MS = 500;

/** The number of a reporter's last bulk is kept this long: no isolate resends what is older. */
export const REPORTER_FORGOTTEN_MS = 3_600_000;
