import * as z from "zod/mini";
import {
  CLASSIC_BOUNDS_SECONDS,
  DATA_MAX_SERIES,
  DELTA_MAX_FAMILIES,
  DELTA_MAX_SERIES,
  MAX_BUCKET_NUMBERS,
} from "./constants.ts";

/**
 * Counts as plain data, of one shape wherever they travel or rest: a delta in a report, a row of a checkpoint, a
 * Collector's totals in a scrape. Families say their labels' names, so that a neighbour of another version can tell
 * whether it means the same; series are tuples, because 4 KB must hold a hundred of them.
 */

const count = z.number().check(z.int(), z.nonnegative());
const name = z.string().check(z.maxLength(100));
const values = z.array(z.string().check(z.maxLength(200))).check(z.maxLength(8));

/** The trace that one observation belongs to. `at`: wall clock, milliseconds. */
export const exemplarSchema = z.object({
  traceId: z.string().check(z.regex(/^[0-9A-Za-z_-]{1,64}$/)),
  value: z.number(),
  at: count,
});
export type Exemplar = z.infer<typeof exemplarSchema>;

const counterEntrySchema = z.tuple([values, count]);

const bucketsSchema = z.array(count).check(
  z.maxLength(MAX_BUCKET_NUMBERS),
  z.refine((pairs) => pairs.length % 2 === 0),
);

interface Bounds {
  readonly families: number;
  readonly series: number;
  readonly exemplars: number;
}

function schemaWithin(most: Bounds) {
  const exemplars = z.array(exemplarSchema).check(z.maxLength(most.exemplars));
  const histogramEntry = z.tuple([values, count, bucketsSchema, exemplars]);
  const families = <Entry extends z.ZodMiniType>(entry: Entry) => {
    const series = z.array(entry).check(z.maxLength(most.series));
    return z.array(z.object({ metric: name, labels: values, series })).check(z.maxLength(most.families));
  };
  return z.object({ counters: families(counterEntrySchema), histograms: families(histogramEntry) });
}

/** What an isolate sends: at most one exemplar a series. */
export const telemetryDeltaSchema = schemaWithin({
  families: DELTA_MAX_FAMILIES,
  series: DELTA_MAX_SERIES,
  exemplars: 1,
});

/** What totals are kept and fetched as: an exemplar for each bucket that is shown. */
export const telemetryDataSchema = schemaWithin({
  families: DELTA_MAX_FAMILIES,
  series: DATA_MAX_SERIES,
  exemplars: CLASSIC_BOUNDS_SECONDS.length + 1,
});

export type TelemetryData = z.infer<typeof telemetryDataSchema>;
/** Label values in the order of the family's labels, and how many. */
export type CounterEntry = z.infer<typeof counterEntrySchema>;
/** Label values, sum in microseconds, sparse buckets (`SparseHistogram`), exemplars. */
export type HistogramEntry = TelemetryData["histograms"][number]["series"][number];
