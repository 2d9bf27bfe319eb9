import { bytesOf } from "./bytesOf.ts";
import { Histogram } from "./histogram.ts";
import { type Exemplar, exemplarSchema, type HistogramEntry } from "./telemetryData.ts";

/** The trace an observation belongs to; `at`: wall clock in milliseconds. */
export type ExemplarSource = Omit<Exemplar, "value">;

/** A series that takes durations. */
export interface DurationHistogram {
  /** Counts one duration, in seconds. Of those with a trace the slowest is kept as the exemplar of its delta. */
  observe(seconds: number, exemplar?: ExemplarSource): void;
}

/** A histogram of the ledger: what was observed since it was last taken. */
export class LedgerHistogram implements DurationHistogram {
  readonly kind = "histogram";
  readonly #values: string[];
  #histogram = new Histogram();
  #traced: ExemplarSource | undefined;
  #tracedSeconds = 0;

  constructor(values: readonly string[]) {
    this.#values = [...values];
  }

  observe(seconds: number, exemplar?: ExemplarSource): void {
    this.#histogram.observe(seconds);
    if (exemplar === undefined || (this.#traced && seconds < this.#tracedSeconds)) return;
    this.#traced = exemplar;
    this.#tracedSeconds = seconds;
  }

  get isEmpty(): boolean {
    return this.#histogram.isEmpty;
  }

  /** Takes out as much as fits in `roomBytes` as JSON: all, or the lowest buckets; undefined: not even one. */
  take(roomBytes: number): HistogramEntry | undefined {
    const { sumMicros, buckets } = this.#histogram.sparse();
    const whole: HistogramEntry = [this.#values, sumMicros, [...buckets], []];
    if (bytesOf(whole) <= roomBytes) {
      this.#histogram = new Histogram();
      return whole;
    }
    const fits = pairsWithin(buckets, roomBytes - bytesOf([this.#values, sumMicros, [], []]));
    if (fits === 0) return undefined;
    // The sum goes with the first part: it is right again when the rest has followed, and never counted twice.
    this.#histogram = Histogram.of({ sumMicros: 0, buckets: rebased(buckets, fits) });
    return [this.#values, sumMicros, buckets.slice(0, fits), []];
  }

  /** Takes the exemplar out, if there is one and it fits. */
  takeExemplar(roomBytes: number): Exemplar | undefined {
    if (!this.#traced) return undefined;
    const parsed = exemplarSchema.safeParse({ ...this.#traced, value: this.#tracedSeconds });
    if (parsed.success && bytesOf(parsed.data) > roomBytes) return undefined;
    this.#traced = undefined;
    return parsed.data;
  }
}

/** How many numbers from the front, always whole pairs, are at most `roomBytes` long with their commas. */
function pairsWithin(buckets: readonly number[], roomBytes: number): number {
  let room = roomBytes;
  let fits = 0;
  while (fits + 1 < buckets.length) {
    room -= `${buckets[fits]},${buckets[fits + 1]},`.length;
    if (room < 0) break;
    fits += 2;
  }
  return fits;
}

/** The pairs after the first `taken` numbers, their first step counted from 0 again. */
function rebased(buckets: readonly number[], taken: number): number[] {
  let index = 0;
  for (let at = 0; at < taken; at += 2) index += buckets[at] ?? 0;
  const [step = 0, ...rest] = buckets.slice(taken);
  return [index + step, ...rest];
}
