import { type Query, query } from "../../breakwater.ts";
import { keyset } from "./keyset.ts";
import type { ListRow, Page } from "./listPitches.ts";
import { PITCH_COLUMNS, PITCH_TABLES } from "./pitchRow.ts";

/**
 * Published pitches of those whom this user follows, the newest first. Each creator's newest come from an index, as
 * many as the page could need of one of them, and no row of the table is read but those of the page. A plain join
 * leaves the planner two guesses that can both go wrong: all pitches of all of them, or all of everybody's by age.
 */
export function feedOf(userId: string, page: Page): Query<ListRow> {
  const values: (string | number)[] = [userId];
  const newest = keyset({ time: "p.created_at", id: "p.id" }, page, values);
  const limit = `$${values.length}`;
  return query(
    "feed.list",
    `SELECT ${PITCH_COLUMNS}, n.created_at AS sort_key
FROM (
  SELECT n.id, n.created_at
  FROM follows f
  CROSS JOIN LATERAL (
    SELECT p.id, p.created_at
    FROM pitches p
    WHERE p.user_id = f.creator_id AND p.status = 'published'
    ${newest.replaceAll("\n", "\n    ")}
  ) n
  WHERE f.follower_id = $1
  ORDER BY n.created_at DESC, n.id DESC
  LIMIT ${limit}
) n
JOIN ${PITCH_TABLES.replace("pitches p", "pitches p ON p.id = n.id")}
ORDER BY n.created_at DESC, n.id DESC`,
    values,
  );
}
