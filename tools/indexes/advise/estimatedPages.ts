import {
  ALIGNMENT_BYTES,
  INDEX_TUPLE_BYTES,
  INDEX_TUPLE_WITH_NULLS_BYTES,
  LINE_POINTER_BYTES,
  PAGE_OVERHEAD_BYTES,
} from "./constants.ts";

export interface BtreeShape {
  readonly rows: number;
  /** Of each column, key or included: what statistics know. */
  readonly columns: readonly { readonly widthBytes: number; readonly nullShare: number }[];
  /** Percent. */
  readonly fillFactor: number;
  readonly pageBytes: number;
}

/**
 * Pages that a btree of these rows would have if it were built now: the usual estimate from `pg_stats` (ioguix's). Of
 * many equal keys btrees keep one copy, which this does not know: of such an index it expects too much, and so finds
 * too little bloat, never too much.
 */
export function estimatedPages({ rows, columns, fillFactor, pageBytes }: BtreeShape): number {
  const header = columns.some(({ nullShare }) => nullShare > 0) ? INDEX_TUPLE_WITH_NULLS_BYTES : INDEX_TUPLE_BYTES;
  const data = columns.reduce((sum, { widthBytes, nullShare }) => sum + widthBytes * (1 - nullShare), 0);
  const tuple = LINE_POINTER_BYTES + aligned(header) + aligned(data);
  const room = ((pageBytes - PAGE_OVERHEAD_BYTES) * fillFactor) / 100;
  const leaves = Math.ceil(rows / Math.max(1, Math.floor(room / tuple)));
  return 1 + leaves; // the meta page; inner pages are less than one in a hundred
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
