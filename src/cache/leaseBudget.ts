import { LEASE_BURST, LEASE_SHARE, LEASES_PER_S } from "./constants.ts";

/**
 * How often this isolate may ask the world for the right to load a key anew: for a small share of its requests, so that
 * objects are not called for every answer that grew old, and now and then on a quiet site. Without it one isolate in each
 * colo loads.
 */
export class LeaseBudget {
  #tokens = LEASE_BURST;
  #at: number | undefined;

  /** A request came. */
  earn(now: number): void {
    const sinceMs = this.#at === undefined ? 0 : Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(LEASE_BURST, this.#tokens + LEASE_SHARE + (sinceMs * LEASES_PER_S) / 1_000);
  }

  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
