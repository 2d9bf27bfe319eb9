import { ALIKE_BELOW_MS } from "./constants.ts";

/**
 * How fast a node is forgotten to have been slow (a tenth is left after 2.3 times as long): as fast as it was slow for a
 * while, within these. A pause of the machine is over when it is noticed, and whoever left for it should be back within a
 * second; of a node that has been slow for long one read in twelve seconds finds out whether it still is.
 */
const FORGET_MIN_MS = 250;
const FORGET_MAX_MS = 5_000;

/** What a failure counts as, at least: one that comes at once must not look like a fast answer. */
const FAILURE_MS = 1_000;

/** A node that nobody asked yet: neither fast, so that all rush to it, nor slow, so that nobody ever does. */
const UNKNOWN_MS = 10;

/** How much a slow answer moves it that came after a fast one, or that was under way when another slow one came. */
const FIRST_STEP = 0.2;

/** How much a fast one moves it at least, however soon it came after the last. */
const MIN_STEP = 0.1;

/** A read that ended: how much later than a quick one, and when it was sent. */
export interface Lateness {
  readonly ms: number;
  readonly sentAt: number;
  readonly hasFailed?: boolean;
}

/**
 * How slow one node is, as a choice sees it: up at once where a read that was sent after a slow answer is slow too (reads
 * that were under way together met one pause, and to leave a node for each would send all reads to and fro), down slowly
 * with fast answers and with time (peak-EWMA, as in Finagle and Tower, but for the pauses).
 */
export class PeakEwma {
  #ms = UNKNOWN_MS;
  #at: number | undefined;
  #wasSlow = false;
  #hasFailed = false;
  /** When it was first slower than before, since it was last well. */
  #slowSince: number | undefined;
  #forgetMs = FORGET_MIN_MS;

  record({ ms, sentAt, hasFailed = false }: Lateness, now: number): void {
    const took = hasFailed ? Math.max(ms, FAILURE_MS) : Math.max(0, ms);
    const before = this.latencyMs(now);
    if (took > before) {
      const isSlowAgain = this.#wasSlow && this.#at !== undefined && sentAt >= this.#at;
      this.#ms = hasFailed || isSlowAgain ? took : before + (took - before) * FIRST_STEP;
      this.#wasSlow = true;
      this.#slowSince ??= now;
      const slowForMs = hasFailed ? FORGET_MAX_MS : now - this.#slowSince;
      this.#forgetMs = Math.min(FORGET_MAX_MS, Math.max(FORGET_MIN_MS, slowForMs));
    } else {
      const kept = this.#at === undefined ? 0 : Math.min(this.#left(now), 1 - MIN_STEP);
      this.#ms = before * kept + took * (1 - kept);
      this.#wasSlow = false;
      if (took < Math.max(ALIKE_BELOW_MS, before / 2)) this.#slowSince = undefined;
    }
    this.#at = now;
    this.#hasFailed ||= hasFailed;
  }

  /** A question of our own was answered: what a failure counted is over, and what it is worth now is not known. */
  recovered(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#ms = UNKNOWN_MS;
    this.#at = undefined;
    this.#wasSlow = false;
    this.#slowSince = undefined;
  }

  /** It was given up, for no fault of the node's: nothing faster is known of it than that. */
  outlasted(lateness: Lateness, now: number): void {
    if (lateness.ms > this.latencyMs(now)) this.record(lateness, now);
  }

  /**
   * It was given up as late, for another's answer: how late it would have been nobody will know. Twice as late as it was
   * known to be, so that a few of them say of a node that turned slow what a whole answer would, before any came.
   */
  lost({ ms, sentAt }: Lateness, now: number): void {
    this.record({ ms: Math.max(ms, Math.min(FAILURE_MS, 2 * this.latencyMs(now))), sentAt }, now);
  }

  /** As it stands now: a node that is not asked any more is not slow for ever. */
  latencyMs(now: number): number {
    if (this.#at === undefined) return UNKNOWN_MS;
    return this.#ms > UNKNOWN_MS ? UNKNOWN_MS + (this.#ms - UNKNOWN_MS) * this.#left(now) : this.#ms;
  }

  /** What is left by now of what was known. */
  #left(now: number): number {
    return Math.exp(-Math.max(0, now - (this.#at ?? now)) / this.#forgetMs);
  }
}
