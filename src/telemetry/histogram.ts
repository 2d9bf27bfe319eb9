import { addSafely } from "./addSafely.ts";
import { BUCKETS_PER_OCTAVE, MAX_SECONDS, MIN_SECONDS } from "./constants.ts";

/** A histogram as data. `buckets`: pairs of the step from the bucket before (the first from 0) and the count in it. */
export interface SparseHistogram {
  /** Whole microseconds: adding them is exact in any order, so a sum over Collectors never steps back by a rounding. */
  readonly sumMicros: number;
  readonly buckets: readonly number[];
}

/** Edge below the first bucket, as a power of 2^(1/32) seconds. Powers of two of a second are edges. */
const LOWEST_EDGE = Math.ceil(Math.log2(MIN_SECONDS) * BUCKETS_PER_OCTAVE) - 1;

/** Buckets of what is below and beyond the range. */
export const UNDERFLOW = 0;
export const OVERFLOW = Math.ceil(Math.log2(MAX_SECONDS) * BUCKETS_PER_OCTAVE) - LOWEST_EDGE + 1;

/** The bucket of a duration in seconds. A bucket holds its upper edge, not its lower one; no number counts as none. */
export function bucketOf(seconds: number): number {
  if (!(seconds > 0)) return UNDERFLOW;
  const index = Math.ceil(Math.log2(seconds) * BUCKETS_PER_OCTAVE) - LOWEST_EDGE;
  return Math.max(UNDERFLOW, Math.min(index, OVERFLOW));
}

/** What a bucket holds: durations in seconds over `lower`, up to and with `upper`. */
export function boundsOf(index: number): { readonly lower: number; readonly upper: number } {
  return {
    lower: index <= UNDERFLOW ? 0 : edge(index - 1),
    upper: index >= OVERFLOW ? Number.POSITIVE_INFINITY : edge(index),
  };
}

function edge(index: number): number {
  return 2 ** ((index + LOWEST_EDGE) / BUCKETS_PER_OCTAVE);
}

/**
 * Durations on a logarithmic scale, 32 buckets per factor of 2, only those that hold something kept. Merging is adding,
 * and loses nothing. A quantile is at most 1.1 % off (`docs/design/telemetry.md`).
 */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #sumMicros = 0;

  static of(sparse: SparseHistogram): Histogram {
    const histogram = new Histogram();
    histogram.add(sparse);
    return histogram;
  }

  /** Counts one duration. A negative one, and what is no number, counts as 0 s; an endless one as the longest. */
  observe(seconds: number): void {
    const index = bucketOf(seconds);
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + 1);
    if (seconds > 0)
      this.#sumMicros += seconds < Number.POSITIVE_INFINITY ? Math.round(seconds * 1e6) : MAX_SECONDS * 1e6;
  }

  /** Adds what another histogram counted. Buckets beyond the last count as overflow. */
  add({ sumMicros, buckets }: SparseHistogram): void {
    let index = 0;
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      index = Math.min(OVERFLOW, index + (buckets[at] ?? 0));
      this.#counts.set(index, addSafely(this.#counts.get(index) ?? 0, buckets[at + 1] ?? 0));
    }
    this.#sumMicros = addSafely(this.#sumMicros, sumMicros);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  get sumMicros(): number {
    return this.#sumMicros;
  }

  get count(): number {
    let count = 0;
    for (const inBucket of this.#counts.values()) count += inBucket;
    return count;
  }

  /**
   * The duration, in seconds, that a share `q` of all does not exceed (nearest rank): the geometric middle of its
   * bucket; of what is out of range, the end of the range. Undefined when nothing was counted.
   */
  quantile(q: number): number | undefined {
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (const [index, count] of this.#sorted()) {
      seen += count;
      if (seen < rank) continue;
      if (index === UNDERFLOW) return edge(UNDERFLOW);
      return index === OVERFLOW ? edge(OVERFLOW - 1) : edge(index - 0.5);
    }
    return undefined;
  }

  /** How many were at most each bound (ascending, in seconds). The bucket that holds a bound counts as within it. */
  cumulative(bounds: readonly number[]): number[] {
    const sorted = this.#sorted();
    let at = 0;
    let seen = 0;
    return bounds.map((bound) => {
      const last = bucketOf(bound);
      for (let next = sorted[at]; next && next[0] <= last; next = sorted[++at]) seen += next[1];
      return seen;
    });
  }

  sparse(): SparseHistogram {
    let before = 0;
    const buckets: number[] = [];
    for (const [index, count] of this.#sorted()) {
      buckets.push(index - before, count);
      before = index;
    }
    return { sumMicros: this.#sumMicros, buckets };
  }

  #sorted(): [index: number, count: number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}
