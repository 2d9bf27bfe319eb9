import { ATTEMPT_SHARES, MIN_ATTEMPT_MS } from "./constants.ts";

/** The end of a request's patience, in milliseconds of the caller's clock. */
export interface Deadline {
  readonly at: number;
}

/** What is left of it, never below 0. */
export function remainingMs(deadline: Deadline, now: number): number {
  return Math.max(0, deadline.at - now);
}

/**
 * The time the attempt with this index (0 is the first) may take; 0 when there is too little left to try.
 * The last attempt may take all that is left, so that the time is used and nobody is cut off early for nothing.
 */
export function attemptMs(deadline: Deadline, now: number, index: number, isLast: boolean): number {
  const left = remainingMs(deadline, now);
  if (left < MIN_ATTEMPT_MS) return 0;
  const share = isLast ? 1 : (ATTEMPT_SHARES[index] ?? 1);
  return Math.max(MIN_ATTEMPT_MS, Math.floor(left * share));
}
