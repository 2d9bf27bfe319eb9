/**
 * Requests under way at once, each from a stream of inputs of its own. Enough to keep two cores busy; a part of what a
 * seed means, so another number is another run.
 */
export const LANES = 12;

/** Inputs planned at a time: planning blocks, and answers wait for it. */
export const PLANS_AT_ONCE = 50;

/** A request's own deadline is 3 s; the rest is the machine's. Later than this, nobody answered. */
export const ANSWER_WITHIN_MS = 15_000;

/** Ids of one kind that a lane remembers: later ones take the place of the oldest. */
export const REMEMBERED = 60;

/** Share of the picked ids that are a victim's, which no account of the fuzz may use. */
export const VICTIM_SHARE = 0.15;

/** Simpler requests that are tried for one finding. */
export const MAX_SIMPLER = 40;

/** Different findings that are shown; all are counted. */
export const MAX_SHOWN = 25;

/** How often what costs an Argon2 hash is asked, beside 1 for everything else: 40 ms of the isolate's only thread each. */
export const HASH_WEIGHT = 0.05;

/** How often an account, or all its sessions, are removed: what was built up is gone then. */
export const END_WEIGHT = 0.1;

/** What all accounts of the fuzz have: some logins are right. */
export const PASSWORD = "correct horse battery";

/** How often it is looked whether the machine is starved. */
export const WATCH_EVERY_MS = 100;

/** An attempt at a node has about a second: when nothing at all takes half of that, queries fail for want of time. */
export const STARVED_MS = 500;

/** After slow answers the breaker opens for seconds, and lets requests in little by little. */
export const STARVED_FOR_MS = 20_000;
