import { type Query, query } from "../../breakwater.ts";
import { keyset } from "./keyset.ts";
import type { ListRow, Page } from "./listPitches.ts";
import { iso } from "./parameters.ts";
import { PITCH_COLUMNS, PITCH_TABLES } from "./pitchRow.ts";

/** Saves a pitch that this user may see. Saved again, it keeps its place in the list. */
export function savePitch(userId: string, pitchId: string, createdMs: number): Query {
  return query(
    "saved.insert",
    `INSERT INTO saved_pitches (user_id, pitch_id, created_at)
SELECT me.id, p.id, $3::timestamptz
FROM users me CROSS JOIN pitches p
WHERE me.id = $1 AND me.removed_at IS NULL AND p.id = $2 AND (p.status = 'published' OR p.user_id = me.id)
FOR KEY SHARE OF me
ON CONFLICT DO NOTHING`,
    [userId, pitchId, iso(createdMs)],
  );
}

/** Saves it no longer. */
export function unsavePitch(userId: string, pitchId: string): Query {
  return query("saved.delete", "DELETE FROM saved_pitches WHERE user_id = $1 AND pitch_id = $2", [userId, pitchId]);
}

/** What this user saved and may see still, the newest saved first. */
export function savedPitches(userId: string, page: Page): Query<ListRow> {
  const values: (string | number)[] = [userId];
  return query(
    "saved.list",
    `SELECT ${PITCH_COLUMNS}, s.created_at AS sort_key
FROM saved_pitches s
JOIN ${PITCH_TABLES.replace("pitches p", "pitches p ON p.id = s.pitch_id")}
WHERE s.user_id = $1 AND (p.status = 'published' OR p.user_id = $1)
${keyset({ time: "s.created_at", id: "s.pitch_id" }, page, values)}`,
    values,
  );
}
