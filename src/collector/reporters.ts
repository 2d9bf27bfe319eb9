import type { Report } from "../rpc/report.ts";
import { MAX_REPORTERS_KNOWN, REPORTER_KEPT_MS } from "./constants.ts";

interface Known {
  /** The last report that was taken, and the last whose counts were. */
  seq: number;
  countedSeq: number;
  seenAt: number;
  requestsPerSecond: number;
  /** How many reporters of all shards it stands for: the shards it knows of. 0: it was told of others, and may be gone. */
  weight: number;
}

/** Who reports here, as far as memory goes: an eviction forgets it, and the next reports tell it again. */
export class Reporters {
  /** In order of their last report, the oldest first. */
  readonly #known = new Map<string, Known>();
  #requestsPerSecond = 0;
  #weight = 0;

  get count(): number {
    return this.#known.size;
  }

  get requestsPerSecond(): number {
    return Math.max(0, this.#requestsPerSecond);
  }

  /** Reporters of all shards, as far as those here tell: of `n` shards every one gets each n-th reporter. */
  get everywhere(): number {
    return this.#weight;
  }

  /** A report came, whatever becomes of it. */
  seen({ id, requests, overMs, shards }: Report, now: number): void {
    const known = this.#known.get(id);
    const requestsPerSecond = requests / Math.max(1, overMs / 1_000);
    this.#forget(id);
    const { seq = 0, countedSeq = 0 } = known ?? {};
    this.#known.set(id, { seq, countedSeq, seenAt: now, requestsPerSecond, weight: shards });
    this.#requestsPerSecond += requestsPerSecond;
    this.#weight += shards;
    this.#expire(now);
  }

  /** Whether this report, or a later one, was taken before. */
  isRepeat({ id, seq }: Report): boolean {
    return seq <= this.lastSeq(id);
  }

  /** The seq of the last report taken; 0: none that is remembered. */
  lastSeq(id: string): number {
    return this.#known.get(id)?.seq ?? 0;
  }

  /** Whether the counts of this report were taken before, though it has to come again for an owner's sake. */
  isCounted({ id, seq }: Report): boolean {
    return seq <= (this.#known.get(id)?.countedSeq ?? 0);
  }

  counted({ id, seq }: Report): void {
    const known = this.#known.get(id);
    if (known) known.countedSeq = Math.max(known.countedSeq, seq);
  }

  /** The report was taken. */
  took({ id, seq }: Report): void {
    const known = this.#known.get(id);
    if (known) known.seq = Math.max(known.seq, seq);
  }

  /** It was told of another number of shards: should it come back, it says so. */
  sentElsewhere(id: string): void {
    const known = this.#known.get(id);
    if (!known) return;
    this.#weight -= known.weight;
    known.weight = 0;
  }

  #expire(now: number): void {
    for (const [id, { seenAt }] of this.#known) {
      const isGone = now - seenAt > REPORTER_KEPT_MS || this.#known.size > MAX_REPORTERS_KNOWN;
      if (!isGone) return;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    const known = this.#known.get(id);
    this.#requestsPerSecond -= known?.requestsPerSecond ?? 0;
    this.#weight -= known?.weight ?? 0;
    this.#known.delete(id);
  }
}
