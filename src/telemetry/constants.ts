/** Resolution of our histograms. The middle of a bucket is then at most 2^(1/64) - 1 = 1.09 % away from any value in it. */
export const BUCKETS_PER_OCTAVE = 32;

/** What histograms resolve: below a microsecond no clock of ours sees anything, beyond an hour nothing of ours runs. */
export const MIN_SECONDS = 1e-6;
export const MAX_SECONDS = 3_600;

/**
 * The `le` bounds of an exposition. 0.05, 0.25 and 1 are thresholds of objectives; from 0.25 on all are powers of two,
 * which are edges of our buckets. Fourteen: each costs a line per series, and dashboards draw no more.
 */
export const CLASSIC_BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16,
];

/** The value that stands for all that a bounded label has no room for. */
export const OTHER = "other";

/** JSON bytes of one label value; longer is a mistake, and becomes `other`. Routes and query names stay under 60. */
export const MAX_VALUE_BYTES = 120;

/** One delta as JSON: the bulk lane's part of a report. */
export const DELTA_MAX_BYTES = 4_096;

/** What a schema lets through: 4 KB of JSON cannot hold more. */
export const DELTA_MAX_FAMILIES = 128;
export const DELTA_MAX_SERIES = 512;

/** Numbers in one histogram's list of buckets: twice what ours can have, so that a finer neighbour is understood. */
export const MAX_BUCKET_NUMBERS = 4_096;

/** What a checkpoint or a scrape may hold: all series that the catalogue allows, several times over. */
export const DATA_MAX_SERIES = 10_000;

/**
 * Series in one row of a checkpoint, so that a row stays under 100 KB: a histogram with every bucket filled by counts
 * of ten digits is 14 KB, a counter with its labels at most 180 bytes.
 */
export const HISTOGRAM_SERIES_PER_ROW = 6;
export const COUNTER_SERIES_PER_ROW = 400;
