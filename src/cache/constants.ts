/**
 * A write whose mark the primary lacks this long after it was reported never commits: its transaction ran out of time.
 * And a node that lacks a mark this long, which the primary holds, proves nothing any more: nobody waits for it.
 */
export const BUMP_LIVE_MS = 60_000;

/** Ids of bumps are known this long, so that a repeat gets the same number; one forgotten costs a needless refresh. */
export const BUMP_KNOWN_MS = 600_000;
export const MAX_KNOWN_BUMPS = 1_024;

/** Numbers of bumps are told by id for this long: sessions learn by then which number their write got. */
export const BUMP_RECENT_MS = 60_000;

/** Live bumps told in the view, and looked for on the nodes. The last place is the flood's, which is all the others. */
export const MAX_LIVE_BUMPS = 256;

/** So long after a bump came nodes are looked at: most hold it by then, and more come meanwhile. */
export const LOOK_AFTER_MS = 500;

/** While bumps are live, from one look to the next, growing where the same ones stay live. */
export const LOOK_GAPS_MS = [1_000, 2_000, 5_000] as const;

/** With so many live the next look cannot wait: what finds no room makes its tags useless for a minute. */
export const CROWDED_BUMPS = 128;
export const CROWDED_LOOK_MS = 250;

/** With nothing live, where somebody who might prove something is not in the cover: looked at as digests come. */
export const COVER_GAPS_MS = [1_000, 2_000, 5_000, 30_000] as const;

/**
 * With nothing to look after, the primary alone is asked at most this often what was written past us, as digests come.
 * Those of a lone isolate come each ten seconds, a little sooner or later: each of them brings a look.
 */
export const OUTBOX_EVERY_MS = 9_000;

/** So long more was written than a look reads: the rest is left to lifetimes, or it would never be caught up with. */
export const OUTBOX_BEHIND_MS = 60_000;

/** Bumps older than this are looked after only when digests come: nobody is there, or the database is not. */
export const LOOK_REST_MS = 600_000;

/**
 * Up to this age, and no longer, the world's word on bumps says what is current; past it a route's floor alone does. So an
 * answer that is given as fresh may lack what others wrote in the last two minutes, should the word's owner be silent: that
 * is two exchanges of the slowest pace (a minute apart), so that one that failed makes nothing old.
 */
export const MAX_VIEW_AGE_MS = 120_000;

/** Marks that one load asks for: all bumps that may be live, and some. One that met more would prove nothing. */
export const MAX_FILL_BUMPS = 288;
/** Of those it saw, so many are kept with the entry, for who wrote them. */
export const MAX_SAW = 8;

/**
 * So long after a hard purge what it names is loaded from the primary alone. A replica that is 10 s behind is out of
 * rotation, as soon as a sample shows it and the isolates have heard of that: a minute at most.
 */
export const PURGED_STRICT_MS = 120_000;

/**
 * What says that there is nothing lies in the place of older copies at least this long: twice the time that the farther
 * tiers may show what was before.
 */
export const MASK_MS = 150_000;

/** KV takes no longer value (25 MiB); what one tier cannot hold is kept in none. */
export const MAX_ENVELOPE_BYTES = 26_214_400;

/** KV takes keys of 512 bytes; what is longer than this is called by its digest, which leaves room for names beside it. */
export const MAX_TIER_KEY_BYTES = 400;

/** An own write that the world's word does not tell of within this time never will: its report was lost with its objects. */
export const OWN_BUMP_MS = 120_000;
export const MAX_OWN_BUMPS = 256;

/** A load of another request is waited for so long, then one's own begins: a third of a request's time. */
export const FLIGHT_JOIN_MS = 1_000;
/** A load that began so long ago is joined by nobody: its request is over, and its end may never come. */
export const FLIGHT_FORGOTTEN_MS = 3_000;

/**
 * How long copies are given without a look at the database at most: freshness and what comes after it. The longest of the
 * marketplace's is 70 minutes; a session's token carries each write for as long.
 */
export const OWED_MS = 4_500_000;

/** Keys that an isolate judges its own runway by: most of what is asked is among the last few. */
export const MAX_LAST_GIVEN = 16;

/** Who has an old copy to give waits this long for a new one. */
export const SOFT_LOAD_MS = 250;

/** A key whose load failed is left alone for so long while there is a copy, doubling. */
export const FAILED_PAUSE_MS = 1_000;
export const FAILED_PAUSE_MAX_MS = 10_000;
export const MAX_FAILED_KEYS = 2_048;

/** A refresh under way is taken for dead after this long: its request may have ended under it. */
export const REFRESH_EXPIRES_MS = 5_000;
export const MAX_REFRESHING = 4_096;
/** After a refresh that proved nothing: as long as it takes to hear what would. */
export const UNPROVEN_REST_MS = 1_000;
/**
 * A fresh copy is loaded anew ahead of its end by about this share of its lifetime: of the answers of hot keys that would
 * be given old that spares seven in ten where one isolate has them all, one in three of four isolates', for 3 % more loads.
 */
export const AHEAD_SHARE = 0.02;

/** Refreshes that one isolate begins in a second: after a write to what everything shows everything is stale at once. */
export const REFRESHES_PER_S = 100;

/**
 * While the database comes back the world refreshes so many copies a second: half of the last rate that a node is ramped
 * up with, and the other half is for whoever has no copy.
 */
export const RECOVERY_REFRESHES_PER_S = 50;
/**
 * For so long after a node is whole again: the 1,500 hottest keys, of a Zipf's 100,000 those of six requests in ten. What
 * is asked for less often expires at all times, and is loaded as always.
 */
export const RECOVERY_MS = 30_000;
/** A turn waits this long for the hottest key's next visitor. */
export const RECOVERY_PATIENCE_MS = 500;
/** Keys of which it is counted how often they were asked for meanwhile. */
export const MAX_RECOVERING_KEYS = 1_024;
/** What an object may take to say whether somebody else loads it. */
export const LEASE_DEADLINE_MS = 1_000;
/** The same for who waits for a cold key, where its route asks for one load in the world. */
export const WORLD_LEASE_MS = 100;
/**
 * A lifetime grows by this after the same answer and shrinks by that after another: from floor to ceiling in ten reloads
 * where they are 57 apart, and back in six. Alternating, it sinks: to be shown old answers is worse than a load.
 */
export const LONGER_BY = 1.5;
export const SHORTER_BY = 2;

/** Expiries are spread by this share of the lifetime to either side. */
export const EXPIRY_JITTER = 0.1;
/** A refresh lease ends after this long: a load has its deadline within it, and a holder that died costs no more. */
export const LEASE_MS = 5_000;

/** So long after a publication the farther tiers may show what was before: KV's 60 s (or more), and some. */
export const SETTLE_MS = 75_000;

/** Who is told to look for it there is given a lease for his colo after this long: what was written is to be seen in seconds. */
export const PUBLISHED_ASK_MS = 500;

/** While somebody loads it, the others ask again this often: most loads take a fraction of it. */
export const TAKEN_ASK_MS = 250;

/** Keys of which it is remembered who loads or loaded them. */
export const MAX_LEASED_KEYS = 10_000;

/** Heat is halved in this time: what was hot yesterday is forgotten, what is hot for an evening is not. */
export const HEAT_HALF_LIFE_MS = 600_000;

/** A key with less heat is not worth remembering: one hit, ten minutes ago. */
export const COOL_HITS = 0.5;

/** Keys whose heat and newest copy are kept: what a warming run asks for, and some that may become hot. */
export const MAX_HOT_KEYS = 12_000;
/** Hits are told this long after they happened, as the bulk and the digests go: an older copy may have answered them. */
export const HEAT_LAG_MS = 30_000;
/** Longer ones are never hot: no isolate tells of them. */
export const MAX_HOT_KEY_CHARS = 200;

/** What visitors waited for is halved in this time: an operator looks at the last hours. */
export const MISS_HALF_LIFE_MS = 3_600_000;
/** Keys whose cost is kept: some more than anybody is shown, so that one that becomes dear is not forgotten each time. */
export const MAX_DEAR_KEYS = 256;

/** In so many rows, of at most 2 MB each: 1,500 keys of 350 characters, and room for chance. */
export const HEAT_ROWS = 8;
/** Written at most this often: what an eviction loses is a minute's heat, and where copies of that minute were. */
export const HEAT_WRITE_EVERY_MS = 60_000;

/** Runway is told of so many of the hottest keys, */
export const RUNWAY_KEYS = 100;
/** of those that are asked for at least this often in a half-life: a key that was met twice stands for nobody. */
export const RUNWAY_HITS = 3;
/** Which these are is found out at most this often. */
export const RUNWAY_KEYS_EVERY_MS = 5_000;

/** KV counts its writes from midnight to midnight, UTC. */
export const DAY_MS = 86_400_000;

/** KV's writes a day: the paid plan's price has a million a month in it, and more are paid for; the free plan refuses more. */
export const KV_WRITES_A_DAY = { free: 1_000, paid: 33_000 } as const;

/** Calls of others (fetch, KV, Cache API, objects) that one invocation may make; the free plan has 50. */
export const SUBREQUESTS = { free: 50, paid: 10_000 } as const;

/**
 * Between two writes of one key to KV: other colos keep what they read for half a minute, so that more is seen by nobody;
 * and what did not change lies there already, and is written only to live on.
 */
export const KV_CHANGED_GAP_MS = 30_000;
export const KV_UNCHANGED_GAP_MS = 300_000;

/**
 * Refreshes write what has fallen due of this share of the day's budget, and what falls due in the next quarter of an hour;
 * the rest is the warming runs'. Who spends all of it in the morning has copies of the morning when the database is lost
 * at night.
 */
export const KV_REFRESH_SHARE = 0.75;
export const KV_REFRESH_AHEAD_MS = 900_000;
/** Of so many keys it is stored when they were written last: an object that is evicted had no more in five quiet minutes. */
export const KV_STORED_KEYS = 32;
/** Where less than this share of such a quarter is left, only the hottest keys are written. */
export const KV_SCARCE_SHARE = 0.25;

/**
 * A lease and what is published under it are two calls of objects; with 0.02 a request for all of Breakwater's, leases have
 * these. The floor is for sites whose requests earn none in an hour.
 */
export const LEASE_SHARE = 0.005;
export const LEASES_PER_S = 0.05;
export const LEASE_BURST = 10;

/** Who claims a key in its colo loads it within this time, or another one does. */
export const CLAIM_MS = 3_000;
/** and the others of the colo look for its copy after this: most loads take a fraction of it. */
export const CLAIMED_REST_MS = 250;
