import { type Query, query } from "../../breakwater.ts";
import { RANKED_HITS } from "../constants.ts";
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
  newest: { key: "p.created_at", id: "p.id", type: "timestamptz" },
  // The counters' own id, which is the same: one index has both columns, so a cursor is found at once, however deep.
  popular: { key: "c.score", id: "c.pitch_id", type: "float8" },
} as const;

export type Sort = keyof typeof SORTS;

/** What the sort key of each list is, for its cursors. */
export const KEY_KINDS = { newest: "time", popular: "float8", search: "float4" } as const satisfies Record<
  string,
  KeyKind
>;

/**
 * Published pitches, newest or most popular first. The counters of popular ones know what the refresh of the statistics
 * last saw of a pitch, beside its score: an index finds the filtered in their order. What has changed since is held
 * against the pitch itself.
 */
export function browsePitches({ sort, filters, page }: { sort: Sort; filters: Filters; page: Page }): Query<ListRow> {
  const { key, id, type } = SORTS[sort];
  const values: (string | number)[] = [];
  const text = `SELECT ${PITCH_COLUMNS}, ${key} AS sort_key
FROM ${PITCH_TABLES}
WHERE ${[...CONDITIONS[sort](filters, values), ...beyond({ key, id, type }, page, values)].join("\n  AND ")}
ORDER BY ${key} DESC, ${id} DESC
LIMIT $${values.push(page.limit + 1)}`;
  return query("pitches.browse", text, values);
}

/** A row of a search. */
export interface SearchRow extends ListRow {
  /** There were so many hits that the older ones were not ranked: this list ends before they do. */
  readonly is_cut: boolean;
}

/**
 * Published pitches whose title or log line matches, best first: the best of the newest `RANKED_HITS` that match. An
 * index finds words but has no order by rank, so ranking all of a common word's hits reads half of the table. Ids of
 * pitches are in the order of their making, so the newest hits of a common word are the next ones from the end of the
 * table, and a rare word's come from the index: one text, and the planner knows how common a word is (`is_document` tells
 * it what a walk costs). What is filtered by are words of the documents as well, and drafts have no document.
 *
 * Words are looked up both as they stand, for names and titles made of stop words, and by their English stem. Words
 * excluded (`-war`) by their stem alone: the log line holds stems only, so that "wars" as it stands is absent from it
 * and would exclude nothing.
 */
export function searchPitches({ q, filters, page }: { q: string; filters: Filters; page: Page }): Query<SearchRow> {
  const english = "websearch_to_tsquery('english', $1)";
  const wanted = /(^|[^\p{L}\p{N}])-/u.test(q) ? english : `(websearch_to_tsquery('simple', $1) || ${english})`;
  const values: (string | number)[] = [q];
  // Two conditions, since a search without a word (`""`) joined to a filter would find all that the filter does.
  const conditions = [`s.document @@ ${wanted}`, ...filtered(filters, values), "is_document(s.document)"];
  const text = `SELECT ${PITCH_COLUMNS}, r.rank AS sort_key, r.is_cut
FROM (
  SELECT h.pitch_id, ts_rank(h.document, ${wanted}) AS rank, count(*) OVER () = ${RANKED_HITS} AS is_cut
  FROM (
    SELECT s.pitch_id, s.document
    FROM pitch_search s
    WHERE ${conditions.join("\n      AND ")}
    ORDER BY s.pitch_id DESC
    LIMIT ${RANKED_HITS}
  ) h
  ORDER BY rank DESC, h.pitch_id DESC
) r
JOIN ${PITCH_TABLES.replace("pitches p", "pitches p ON p.id = r.pitch_id")}
WHERE ${["p.status = 'published'", ...beyond({ key: "r.rank", id: "r.pitch_id", type: "float4" }, page, values)].join("\n  AND ")}
ORDER BY r.rank DESC, r.pitch_id DESC
LIMIT $${values.push(page.limit + 1)}`;
  return query("pitches.search", text, values);
}

/** Conditions on a document: one query for all filters that there are. */
function filtered(filters: Filters, values: (string | number)[]): readonly string[] {
  const lexemes = (["genre", "format", "stage"] as const).flatMap((field) => {
    const value = filters[field];
    return value === undefined ? [] : [`pitch_filter_query('${field}', $${values.push(value)})`];
  });
  return lexemes.length === 0 ? [] : [`s.document @@ (${lexemes.join(" && ")})`];
}

const CONDITIONS = { newest: published, popular: listed } as const;

const COLUMNS = { genre: "genre", format: "format", stage: "production_stage" } as const;

/** Conditions on `p`: the filters that there are. */
function published(filters: Filters, values: (string | number)[]): readonly string[] {
  return ["p.status = 'published'", ...bound(filters, values).map(({ column, value }) => `p.${column} = ${value}`)];
}

/**
 * The same on `c`, and on `p` what may have changed since: within a CASE, since the planner takes two conditions that
 * always hold together for a rare coincidence, and would sort a whole genre instead of reading a page.
 */
function listed(filters: Filters, values: (string | number)[]): readonly string[] {
  const wanted = bound(filters, values);
  const still = ["p.status = 'published'", ...wanted.map(({ column, value }) => `p.${column} = ${value}`)];
  return [
    "c.genre IS NOT NULL",
    ...wanted.map(({ column, value }) => `c.${column} = ${value}`),
    `CASE WHEN ${still.join(" AND ")} THEN true ELSE false END`,
  ];
}

/** The filters that there are, each with its column and its parameter. */
function bound(filters: Filters, values: (string | number)[]): readonly { column: string; value: string }[] {
  return (["genre", "format", "stage"] as const).flatMap((field) => {
    const value = filters[field];
    return value === undefined ? [] : [{ column: COLUMNS[field], value: `$${values.push(value)}` }];
  });
}

/** What lies behind the page before. */
function beyond(
  { key, id, type }: { key: string; id: string; type: string },
  { after }: Page,
  values: (string | number)[],
): readonly string[] {
  if (!after) return [];
  return [`(${key}, ${id}) < ($${values.push(after.key)}::${type}, $${values.push(after.id)}::uuid)`];
}
