import { type Query, query } from "../../breakwater.ts";
import type { Role } from "../lists.ts";
import { keyset } from "./keyset.ts";
import type { Page } from "./listPitches.ts";
import { iso } from "./parameters.ts";

/**
 * Follows an account that is there, and tells it so, once however often it is left and followed again. The locks are the
 * foreign keys', taken in time to see a removal of either account that is under way.
 */
export function follow(following: {
  followerId: string;
  followedId: string;
  notificationId: string;
  createdMs: number;
}): Query {
  return query(
    "follows.insert",
    `WITH followed AS (
  INSERT INTO follows (follower_id, creator_id, created_at)
  SELECT me.id, u.id, $3::timestamptz
  FROM users me CROSS JOIN users u
  WHERE me.id = $1 AND me.removed_at IS NULL AND u.id = $2 AND u.removed_at IS NULL
  FOR KEY SHARE
  ON CONFLICT DO NOTHING
  RETURNING creator_id
)
INSERT INTO notifications (id, user_id, kind, actor_id, created_at)
SELECT $4::uuid, followed.creator_id, 'follow', $1, $3
FROM followed
WHERE NOT EXISTS (
  SELECT FROM notifications n WHERE n.user_id = followed.creator_id AND n.kind = 'follow' AND n.actor_id = $1
)`,
    [following.followerId, following.followedId, iso(following.createdMs), following.notificationId],
  );
}

/** Follows no longer. */
export function unfollow(followerId: string, followedId: string): Query {
  return query("follows.delete", "DELETE FROM follows WHERE follower_id = $1 AND creator_id = $2", [
    followerId,
    followedId,
  ]);
}

export interface FollowedRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly followed_at: string;
}

/** Whom this user follows, the newest first. */
export function followedBy(userId: string, page: Page): Query<FollowedRow> {
  const values: (string | number)[] = [userId];
  return query(
    "follows.list",
    `SELECT u.id, u.name, u.role, f.created_at AS followed_at
FROM follows f JOIN users u ON u.id = f.creator_id
WHERE f.follower_id = $1 AND u.removed_at IS NULL
${keyset({ time: "f.created_at", id: "f.creator_id" }, page, values)}`,
    values,
  );
}
