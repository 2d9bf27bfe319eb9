import { ProblemError } from "../../breakwater.ts";
import { decodeCursor, encodeCursor, type KeyKind, type Position } from "./cursor.ts";

/** A list as its cursors know it. */
export interface List {
  /** Sort, filters and words: what a cursor is bound to. */
  readonly id: string;
  readonly kind: KeyKind;
  readonly limit: number;
}

/** Where the page before ended; undefined: this is the first. Throws the problem `invalid-request`. */
export function positionOf({ id, kind }: List, cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(id, kind, cursor);
  if (position) return position;
  const message = "is not a cursor of this list with this sort and these filters";
  throw new ProblemError("invalid-request", { errors: [{ field: "cursor", message }] });
}

/** A page of at most `limit` items, from rows of which one more was asked for. */
export function pageOf<Row extends { readonly id: string }, Item>(
  { id, limit }: List,
  rows: readonly Row[],
  { keyOf, show }: { keyOf: (row: Row) => string | number; show: (row: Row) => Item },
): { readonly items: Item[]; readonly nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(show), nextCursor: last ? encodeCursor(id, { key: keyOf(last), id: last.id }) : null };
}
