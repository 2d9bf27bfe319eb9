/** Before the cut: long enough that every isolate heard each owner once. */
export const SETTLE_WITHIN_MS = 60_000;

/** Past this age the owner's word is nothing to an isolate (DESIGN §2's hard horizon). */
export const HARD_HORIZON_MS = 60_000;

/** How often the isolates are looked at, and what a look takes where an object that hangs is asked as well. */
export const LOOK_EVERY_MS = 2_000;
export const LOOK_SLACK_MS = 4_500;

/** An answer that was under way when the edge was cut may arrive after it: an exchange's deadline. */
export const SPOKEN_LATE_MS = 2_000;

/** Failures double the gap between exchanges up to 60 s: whoever just failed comes back after that. */
export const BACK_WITHIN_MS = 75_000;

/** No request may take longer: its own deadline is 3 s, the rest is the machine's. */
export const VISITOR_PATIENCE_MS = 10_000;

/** Share of the requests that write. */
export const WRITE_SHARE = 0.2;
