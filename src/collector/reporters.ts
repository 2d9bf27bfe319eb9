import type { Report } from "../rpc/report.ts";
import { MAX_REPORTERS_KNOWN, REPORTER_KEPT_MS } from "./constants.ts";

interface Known {
  seq: number;
  seenAt: number;
  requestsPerSecond: number;
}

/** Who reports here, as far as memory goes: an eviction forgets it, and the next reports tell it again. */
export class Reporters {
  /** In order of their last report, the oldest first. */
  readonly #known = new Map<string, Known>();
  #requestsPerSecond = 0;

  get count(): number {
    return this.#known.size;
  }

  get requestsPerSecond(): number {
    return Math.max(0, this.#requestsPerSecond);
  }

  /** Whether this report, or a later one, was taken before. */
  isRepeat(id: string, seq: number): boolean {
    const known = this.#known.get(id);
    return known !== undefined && seq <= known.seq;
  }

  /** The seq of the last report taken; 0: none that is remembered. */
  lastSeq(id: string): number {
    return this.#known.get(id)?.seq ?? 0;
  }

  /** The report was taken. */
  took({ id, seq, requests, overMs }: Report, now: number): void {
    const requestsPerSecond = requests / Math.max(1, overMs / 1_000);
    this.#forget(id);
    this.#known.set(id, { seq, seenAt: now, requestsPerSecond });
    this.#requestsPerSecond += requestsPerSecond;
    this.#expire(now);
  }

  #expire(now: number): void {
    for (const [id, { seenAt }] of this.#known) {
      const isGone = now - seenAt > REPORTER_KEPT_MS || this.#known.size > MAX_REPORTERS_KNOWN;
      if (!isGone) return;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#requestsPerSecond -= this.#known.get(id)?.requestsPerSecond ?? 0;
    this.#known.delete(id);
  }
}
