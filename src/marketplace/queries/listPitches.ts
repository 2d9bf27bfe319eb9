import { type Query, query } from "../../breakwater.ts";
import type { KeyKind, Position } from "../listing/cursor.ts";
import { PITCH_COLUMNS, PITCH_TABLES, type PitchRow } from "./pitchRow.ts";

/**
 * The lists. Each combination of filters has its own constant text, put together from the fragments below, so that
 * the planner sees what is asked (`$1 IS NULL OR …` would hide it) and `status = 'published'` fits a partial index.
 */

export interface Filters {
  readonly genre?: string | undefined;
  readonly format?: string | undefined;
  readonly stage?: string | undefined;
}

export interface Page {
  /** Where the page before ended. */
  readonly after: Position | undefined;
  /** One row more is asked for, to know whether there is another page. */
  readonly limit: number;
}

/** A row of a list; `sort_key` is what a cursor carries. */
export interface ListRow extends PitchRow {
  readonly sort_key: string | number;
}

const SORTS = {
  newest: { key: "p.created_at", type: "timestamptz" },
  popular: { key: "c.score", type: "float8" },
} as const;

export type Sort = keyof typeof SORTS;

/** What the sort key of each list is, for its cursors. */
export const KEY_KINDS = { newest: "time", popular: "float8", search: "float4" } as const satisfies Record<
  string,
  KeyKind
>;

/** Published pitches, newest or most popular first. */
export function browsePitches({ sort, filters, page }: { sort: Sort; filters: Filters; page: Page }): Query<ListRow> {
  const { key, type } = SORTS[sort];
  return listQuery("pitches.browse", { from: PITCH_TABLES, key, type, matches: [], values: [], filters, page });
}

/**
 * Published pitches whose title or log line matches, best first. Words are looked up both as they stand, for names
 * and titles made of stop words, and by their English stem. Words excluded (`-war`) by their stem alone: the log
 * line holds stems only, so that "wars" as it stands is absent from it and would exclude nothing.
 */
export function searchPitches({ q, filters, page }: { q: string; filters: Filters; page: Page }): Query<ListRow> {
  const english = "websearch_to_tsquery('english', $1)";
  const wanted = /(^|[^\p{L}\p{N}])-/u.test(q) ? english : `(websearch_to_tsquery('simple', $1) || ${english})`;
  return listQuery("pitches.search", {
    from: `pitch_search s\nJOIN ${PITCH_TABLES.replace("pitches p", "pitches p ON p.id = s.pitch_id")}`,
    key: `ts_rank(s.document, ${wanted})`,
    type: "float4",
    matches: [`s.document @@ ${wanted}`],
    values: [q],
    filters,
    page,
  });
}

function listQuery(
  name: string,
  list: {
    from: string;
    key: string;
    type: string;
    matches: readonly string[];
    values: readonly string[];
    filters: Filters;
    page: Page;
  },
): Query<ListRow> {
  const { key, type, filters, page } = list;
  const values: (string | number)[] = [...list.values];
  const bind = (value: string | number) => `$${values.push(value)}`;
  const conditions = ["p.status = 'published'", ...list.matches];
  if (filters.genre !== undefined) conditions.push(`p.genre = ${bind(filters.genre)}`);
  if (filters.format !== undefined) conditions.push(`p.format = ${bind(filters.format)}`);
  if (filters.stage !== undefined) conditions.push(`p.production_stage = ${bind(filters.stage)}`);
  if (page.after) conditions.push(`(${key}, p.id) < (${bind(page.after.key)}::${type}, ${bind(page.after.id)}::uuid)`);
  const text = `SELECT ${PITCH_COLUMNS}, ${key} AS sort_key
FROM ${list.from}
WHERE ${conditions.join("\n  AND ")}
ORDER BY ${key} DESC, p.id DESC
LIMIT ${bind(page.limit + 1)}`;
  return query(name, text, values);
}
