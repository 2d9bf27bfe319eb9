import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { MAX_DUPLICATE_GROUPS, MAX_DUPLICATE_ROWS } from "./constants.ts";
import type { Rehearsal } from "./rehearse.ts";
import type { Session } from "./session.ts";
import { qualified } from "./statements.ts";

/** Rows that a unique index cannot have together. */
export interface DuplicateGroup {
  readonly count: number;
  /** Of the key: tokens and addresses are nobody's business but their table's. */
  readonly sha256: string;
  /** Where some of the rows are: `SELECT … WHERE ctid = '(0,1)'` finds them. */
  readonly rows: readonly string[];
}

/** The largest groups of rows that have the same key, at most ten; empty: the index can be built. */
export async function duplicates(
  builder: Session,
  entry: IndexEntry,
  shape: Rehearsal,
): Promise<readonly DuplicateGroup[]> {
  const keys = shape.keys.map((key) => `(${key})`);
  const conditions = [
    ...(shape.predicate === undefined ? [] : [`(${shape.predicate})`]),
    ...(shape.areNullsDistinct ? keys.map((key) => `${key} IS NOT NULL`) : []),
  ];
  return builder.rows<DuplicateGroup & { rows: string[] }>(`
    SELECT count(*)::int AS count,
      left(encode(sha256(convert_to(ROW(${keys.join(", ")})::text, 'UTF8')), 'hex'), 12) AS sha256,
      (array_agg(ctid::text ORDER BY ctid))[1:${MAX_DUPLICATE_ROWS}] AS rows
    FROM ${qualified(entry.table)}
    ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`}
    GROUP BY ${keys.join(", ")} HAVING count(*) > 1
    ORDER BY 1 DESC, 2 LIMIT ${MAX_DUPLICATE_GROUPS}`);
}

export function duplicatesText(groups: readonly DuplicateGroup[]): string {
  const lines = groups.map(
    ({ count, sha256, rows }) => `  ${count} rows with key ${sha256}…, at ctid ${rows.join(" ")}`,
  );
  const most = groups.length === MAX_DUPLICATE_GROUPS ? " (the largest ten groups)" : "";
  return [`rows that the index would forbid${most}:`, ...lines].join("\n");
}
