/** Failures in a row that open a node: one is luck, two may be one restart, five is a state. */
export const OPEN_AFTER_RUN = 5;

/**
 * On a node that fails one request of five, five in a row come by chance, every 4,000 requests. A run opens when chance
 * would make it once in so many requests (16 minutes of a site of a million a second), from what was seen before it;
 */
export const RUN_BY_CHANCE = 1e-9;

/** and at this length in any case: of twenty, half failed. */
export const LONGEST_RUN = 20;

/** Share of failures (or of slow answers) that opens a node, */
export const OPEN_AT_RATIO = 0.5;

/** once so many outcomes were seen within the window: of fewer, half is chance. */
export const MIN_VOLUME = 20;

/** How far back outcomes count: long enough for 20 on a quiet node, short enough to forget the last restart. */
export const WINDOW_MS = 10_000;
export const SLOT_MS = 1_000;

/** Of a node that is asked less than that, the last 20 outcomes count instead, for as long as a reporter counts as asking. */
export const COUNT_WINDOW_MS = 60_000;

/** How long a node stays open, doubling each time in a row: a restart takes seconds, and 15 s is promised for the return. */
export const OPEN_MS = 2_000;
export const OPEN_MAX_MS = 6_000;

/** So that nodes which fell together are not probed together. */
export const OPEN_JITTER = 0.2;

/** Good probes after which requests are let in again: one may have been luck. */
export const GOOD_PROBES = 2;

/** Leases that may live in the world for one node: enough to tell luck from health, and no load for what stands up. */
export const MAX_LEASES = 3;

/** Requests a second, in the world, that a node is sent while it ramps up: what it can serve cold, then all. */
export const RAMP_RATES_PER_S = [5, 25, 100] as const;

/** How long a step of the ramp lasts without a failure: about as long as an answer that does not come is waited for. */
export const RAMP_STEP_MS = 1_000;
export const RAMP_MS = RAMP_STEP_MS * RAMP_RATES_PER_S.length;

/** A share of the ramp that was not used may be saved up for this long, and for one request at least. */
export const RAMP_BURST_MS = 200;

/** A hold is no configuration: one that is forgotten ends by itself after a day. */
export const MAX_HOLD_MS = 86_400_000;

/** A lease not settled by then returns to the pool: its holder may have died with its request. */
export const LEASE_MS = 3_000;

/** Reporters that must agree before the world opens a node; fewer where fewer asked it in the window. */
export const MIN_REPORTERS = 3;
export const QUORUM_WINDOW_MS = 60_000;

/** Colos that must agree, where more than one asked: what only one sees may be its own way to the node. */
export const MIN_COLOS = 2;

/**
 * In a world of so many, trips are told over this long: three of them open the node, and no Collector hears all at once.
 * As long as the pace in an incident with its jitter: who told his first comes back when the last have told theirs.
 */
export const CROWD_REPORTERS = 500;
export const CROWD_SPREAD_MS = 2_200;

/** Isolates that were counted are counted for this long, though those that counted them forgot: a ramp is shared by them. */
export const CROWD_KEPT_MS = 180_000;

/** In the world, one health check per node in this time is enough. */
export const CHECK_EVERY_MS = 10_000;

/** A node whose last word was a failure is looked at sooner, so that its fall and its return are seen. */
export const RECHECK_EVERY_MS = 2_000;

/** A check takes a second at most; as long as the shortest time between two, so that never two are under way. */
export const CHECK_LEASE_MS = 2_000;

/** Visitors' isolates get this long to take a lease before the owner's alarm does. */
export const ALARM_GRACE_MS = 500;

/** What only says that all is still well makes a node's row another at most this often: rows written are paid for. */
export const NODE_ROW_EVERY_MS = 20_000;

/** A lease of the alarm's own that ran out unsettled is followed by this long for visitors: an isolate's pace in an incident. */
export const VISITORS_TURN_MS = 2_000;

/** Without any digest for this long the owner's alarm rests: nobody is there to tell. */
export const REST_AFTER_MS = 600_000;

/** Age up to which the world's word is the rule, at least; twice the pace of exchanges where that is longer. */
export const SOFT_HORIZON_MS = 10_000;

/** Age after which the world's word is nothing: the isolate goes on with its own evidence. */
export const HARD_HORIZON_MS = 60_000;

/** Transitions kept for `/admin/breaker`. */
export const MAX_TRANSITIONS = 50;

/** Reporters remembered per node: quorum needs three, the rest are spare for those that leave. */
export const MAX_REPORTERS = 8;

/** Of them, of one colo while others want their places: half, which is a quorum of its own and leaves room for another. */
export const MAX_OF_COLO = 4;

/** Reports with trouble that are remembered, so that a repeat is known: those of some seconds in a bad incident. */
export const MAX_RECENT = 256;

/** Collectors in the register, and how long after their last digest `/metrics` still asks them for their totals. */
export const MAX_COLLECTORS = 512;
export const COLLECTOR_KEPT_MS = 86_400_000;

/** A Collector's time in the register's row is cut to this: one row each ten minutes tells as much. */
export const COLLECTOR_GRAIN_MS = 600_000;
