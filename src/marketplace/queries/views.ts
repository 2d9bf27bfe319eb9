import { type Query, query } from "../../breakwater.ts";
import { bytea } from "./parameters.ts";

/**
 * A view of a published pitch by whoever did not see it that day, unless they made it. One insert and no counter: a
 * reload writes no row, and a hot pitch has none for which its viewers queue.
 */
export function countView(view: {
  pitchId: string;
  /** `2026-11-25`, in UTC. */
  day: string;
  /** 16 bytes in hexadecimal. */
  viewer: string;
  /** Undefined: a visitor. */
  accountId: string | undefined;
}): Query {
  return query(
    "views.insert",
    `INSERT INTO pitch_views (pitch_id, day, viewer)
SELECT p.id, $2::date, $3::bytea
FROM pitches p WHERE p.id = $1 AND p.status = 'published' AND p.user_id IS DISTINCT FROM $4::uuid
ON CONFLICT DO NOTHING`,
    [view.pitchId, view.day, bytea(view.viewer), view.accountId ?? null],
  );
}
