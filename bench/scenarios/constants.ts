import { MIN_VOLUME, OPEN_AT_RATIO, OPEN_MAX_MS, OPEN_MS, WINDOW_MS } from "../../src/breaker/constants.ts";

/** The one node that all requests go to: which of three would answer is no matter of breakers. */
export const NODE = "node-1";

/** As an attempt of a read has in production: 30 % of three seconds. The same for all breakers. */
export const ATTEMPT_MS = 900;

/** An answer's usual time; its logarithm is normally distributed, this wide: one of a hundred takes 36 ms or more. */
export const MEDIAN_MS = 9;
export const SPREAD = 0.6;

/** A refused connection, or an error at once. */
export const ERROR_MS = 4;

/** What is slow answers far behind every patience. */
export const SLOW_MEDIAN_MS = 6_000;

/** Calm seconds first, until isolates have found their pace and windows are full. */
export const CALM_S = 30;

/** And after the end of the trouble, until all is over. */
export const AFTER_S = 30;

/** How often states are read off. */
export const LOOK_MS = 50;

/** A second is well again when this share of its requests is answered. */
export const WELL_SHARE = 0.99;

/** cockatiel's breaker with our own rule: a share over the same window, from the same volume on, and the same waits. */
export const SAMPLING = {
  threshold: OPEN_AT_RATIO,
  duration: WINDOW_MS,
  minimumRps: (MIN_VOLUME * 1_000) / WINDOW_MS,
} as const;
export const WAITS_MS = [OPEN_MS, 2 * OPEN_MS, OPEN_MAX_MS] as const;
