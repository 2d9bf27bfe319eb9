import { type Query, query } from "../../breakwater.ts";
import { keyset } from "./keyset.ts";
import type { ListRow, Page } from "./listPitches.ts";
import { PITCH_COLUMNS, PITCH_TABLES } from "./pitchRow.ts";

/** Published pitches of those whom this user follows, the newest first. */
export function feedOf(userId: string, page: Page): Query<ListRow> {
  const values: (string | number)[] = [userId];
  return query(
    "feed.list",
    `SELECT ${PITCH_COLUMNS}, p.created_at AS sort_key
FROM follows f
JOIN ${PITCH_TABLES.replace("pitches p", "pitches p ON p.user_id = f.creator_id")}
WHERE f.follower_id = $1 AND p.status = 'published'
${keyset({ time: "p.created_at", id: "p.id" }, page, values)}`,
    values,
  );
}
