import { HEDGE_TRIAL_MS } from "./constants.ts";

/** How much each hedge moves the share of those that won. */
const STEP = 0.05;

/**
 * Below this share they are not worth it. Many of the late answers of a database that is well are late by a little, and
 * come before the second's: few that win are enough.
 */
const MIN_WON = 0.1;

/**
 * Whether hedges help. Where the database as a whole is slow the second question is as late as the first and only adds
 * to the load: it seldom wins, and none are sent then but one in a while, which finds out when that is over.
 */
export class HedgeWorth {
  #won = 1;
  #triedAt = Number.NEGATIVE_INFINITY;

  /** A hedge ended: it answered first, or not. */
  ended(hasWon: boolean, now: number): void {
    this.#won += STEP * ((hasWon ? 1 : 0) - this.#won);
    this.#triedAt = now;
  }

  isWorth(now: number): boolean {
    return this.#won >= MIN_WON || Math.abs(now - this.#triedAt) >= HEDGE_TRIAL_MS;
  }
}
