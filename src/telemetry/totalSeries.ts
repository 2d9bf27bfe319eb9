import { addSafely } from "./addSafely.ts";
import { classicIndexOf } from "./classicIndexOf.ts";
import { Histogram } from "./histogram.ts";
import type { CounterEntry, Exemplar, HistogramEntry } from "./telemetryData.ts";

/** One series of totals: takes entries with its labels, and is given out as one. */
export interface TotalSeries<Entry> {
  add(entry: Entry): void;
  entry(): Entry;
}

/** A count that only grows. */
export function totalCounter(values: string[]): TotalSeries<CounterEntry> {
  let total = 0;
  return {
    add([, count]) {
      total = addSafely(total, count);
    },
    entry: () => [values, total],
  };
}

/** A histogram that only grows, and the newest exemplar of each bucket that is shown. */
export function totalHistogram(values: string[]): TotalSeries<HistogramEntry> {
  const histogram = new Histogram();
  const exemplars = new Map<number, Exemplar>();
  return {
    add([, sumMicros, buckets, added]) {
      histogram.add({ sumMicros, buckets });
      for (const exemplar of added) {
        const index = classicIndexOf(exemplar.value);
        if (exemplar.at >= (exemplars.get(index)?.at ?? 0)) exemplars.set(index, exemplar);
      }
    },
    entry() {
      const { sumMicros, buckets } = histogram.sparse();
      return [values, sumMicros, [...buckets], [...exemplars.values()]];
    },
  };
}
