import type { SharedPolicy } from "../breakwater.ts";

/**
 * How long shared answers are kept, by what they show. All may be a day old where the database is gone: a day-old list of
 * pitches is better than none. What a write changes is seen at once, through its tags, whatever stands here.
 */

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Lists of pitches: their order and counters change all the time, a little. */
export const LISTS: SharedPolicy = {
  fresh: { floor: 10, ceiling: 300 },
  staleWhileRevalidate: 600,
  staleIfError: DAY,
};

/** One thing by its id. */
export const THINGS: SharedPolicy = {
  fresh: { floor: 10, ceiling: 600 },
  staleWhileRevalidate: HOUR,
  staleIfError: DAY,
  negative: 5,
};

/** What is counted anew every five minutes, which leaves a mark where it changes something, and at no other time. */
export const COUNTED: SharedPolicy = {
  fresh: { floor: 30, ceiling: 300 },
  staleWhileRevalidate: 600,
  staleIfError: DAY,
};
