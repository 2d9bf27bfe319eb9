import { type Query, query } from "../../breakwater.ts";
import { iso } from "./parameters.ts";

/**
 * A like of a pitch that this user may see, and its creator told of it, once however often it is taken back and given
 * again. Writes no counter: the refresh of the statistics counts, so that a pitch everybody likes is no queue. The lock
 * is the foreign key's, taken in time to see a removal of the account that is under way.
 */
export function likePitch(like: { userId: string; pitchId: string; notificationId: string; createdMs: number }): Query {
  return query(
    "likes.insert",
    `WITH liked AS (
  INSERT INTO likes (user_id, pitch_id, created_at)
  SELECT me.id, p.id, $3::timestamptz
  FROM users me CROSS JOIN pitches p
  WHERE me.id = $1 AND me.removed_at IS NULL AND p.id = $2 AND (p.status = 'published' OR p.user_id = me.id)
  FOR KEY SHARE OF me
  ON CONFLICT DO NOTHING
  RETURNING pitch_id
)
INSERT INTO notifications (id, user_id, kind, actor_id, pitch_id, created_at)
SELECT $4::uuid, p.user_id, 'like', $1, p.id, $3
FROM liked JOIN pitches p ON p.id = liked.pitch_id
WHERE p.user_id <> $1 AND NOT EXISTS (
  SELECT FROM notifications n
  WHERE n.user_id = p.user_id AND n.kind = 'like' AND n.actor_id = $1 AND n.pitch_id = p.id
)`,
    [like.userId, like.pitchId, iso(like.createdMs), like.notificationId],
  );
}

/** Takes a like back. */
export function unlikePitch(userId: string, pitchId: string): Query {
  return query("likes.delete", "DELETE FROM likes WHERE user_id = $1 AND pitch_id = $2", [userId, pitchId]);
}
