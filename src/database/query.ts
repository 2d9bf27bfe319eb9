/** What a statement may be given: what both transports send as untyped text, the same way. */
export type Value = string | number | boolean | null | readonly (string | number | null)[];

declare const ROW: unique symbol;

/**
 * A named query. The name joins metrics, slow-query lists, index proofs, route policies and logs, so it is stable and
 * dotted (`pitches.browse`). The application makes them by functions in its `queries/`; no SQL text stands elsewhere.
 * `Row` is the shape of one row, keyed by column name; the query tests compare it with what Postgres says.
 */
export interface Query<Row = unknown> {
  readonly name: string;
  readonly text: string;
  readonly values: readonly Value[];
  /** Carries the row's type only; never set. */
  readonly [ROW]?: Row;
}

/**
 * Makes a named query.
 *
 * @example
 * const pitchById = (id: string) => query<{ title: string }>("pitches.by-id", "SELECT title FROM pitches WHERE id = $1", [id]);
 */
export function query<Row>(name: string, text: string, values: readonly Value[] = []): Query<Row> {
  return { name, text, values };
}
