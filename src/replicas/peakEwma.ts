/**
 * How fast a node is forgotten to have been slow: a tenth is left after twelve seconds. Whoever is slow meets a read in so
 * long, which finds out whether it still is; whoever is well again has its share within half a minute.
 */
const DECAY_MS = 5_000;

/** What a failure counts as, at least: one that comes at once must not look like a fast answer. */
const FAILURE_MS = 1_000;

/** A node that nobody asked yet: neither fast, so that all rush to it, nor slow, so that nobody ever does. */
const UNKNOWN_MS = 10;

/** How much a slow answer moves it that came after a fast one. */
const FIRST_STEP = 0.2;

/** How much a fast one moves it at least, however soon it came after the last. */
const MIN_STEP = 0.1;

/**
 * How slow one node is, as a choice sees it: up at once with the second slow answer in a row (one alone is a hiccup, and
 * to leave a node for each would send all reads to and fro), down slowly with fast ones and with time (peak-EWMA, as in
 * Finagle and Tower, but for the hiccups). Of an answer that was given up it is known to have taken longer than that.
 */
export class PeakEwma {
  #ms = UNKNOWN_MS;
  #at: number | undefined;
  #wasSlow = false;
  #hasFailed = false;

  record(ms: number, hasFailed: boolean, now: number): void {
    const took = hasFailed ? Math.max(ms, FAILURE_MS) : Math.max(0, ms);
    const before = this.latencyMs(now);
    const isSlow = took > before;
    if (isSlow) {
      this.#ms = hasFailed || this.#wasSlow ? took : before + (took - before) * FIRST_STEP;
    } else {
      const kept = this.#at === undefined ? 0 : Math.min(decay(now - this.#at), 1 - MIN_STEP);
      this.#ms = before * kept + took * (1 - kept);
    }
    this.#wasSlow = isSlow;
    this.#at = now;
    this.#hasFailed ||= hasFailed;
  }

  /** A question of our own was answered: what a failure counted is over, and what it is worth now is not known. */
  recovered(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#ms = UNKNOWN_MS;
    this.#at = undefined;
  }

  /** It was given up after so long, for no fault of the node's: nothing faster is known of it than that. */
  outlasted(ms: number, now: number): void {
    if (ms > this.latencyMs(now)) this.record(ms, false, now);
  }

  /** As it stands now: a node that is not asked any more is not slow for ever. */
  latencyMs(now: number): number {
    if (this.#at === undefined) return UNKNOWN_MS;
    return this.#ms > UNKNOWN_MS ? UNKNOWN_MS + (this.#ms - UNKNOWN_MS) * decay(now - this.#at) : this.#ms;
  }
}

/** What is left after so long. */
function decay(ms: number): number {
  return Math.exp(-Math.max(0, ms) / DECAY_MS);
}
