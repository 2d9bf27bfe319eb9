import { type Query, query } from "../../breakwater.ts";
import { MAX_READ_AT_ONCE, MAX_UNREAD_COUNTED } from "../constants.ts";
import type { NotificationKind } from "../lists.ts";
import { keyset } from "./keyset.ts";
import type { Page } from "./listPitches.ts";
import { iso } from "./parameters.ts";

export interface NotificationRow {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly actor_id: string | null;
  readonly actor_name: string | null;
  readonly pitch_id: string | null;
  readonly pitch_title: string | null;
  readonly subject_id: string | null;
  readonly created_at: string;
  readonly read_at: string | null;
}

/** What a user was told, newest first. */
export function listNotifications(userId: string, page: Page): Query<NotificationRow> {
  const values: (string | number)[] = [userId];
  return query(
    "notifications.list",
    `SELECT n.id, n.kind, n.actor_id, a.name AS actor_name, n.pitch_id, p.title AS pitch_title, n.subject_id,
  n.created_at, n.read_at
FROM notifications n
LEFT JOIN users a ON a.id = n.actor_id
LEFT JOIN pitches p ON p.id = n.pitch_id
WHERE n.user_id = $1
${keyset({ time: "n.created_at", id: "n.id" }, page, values)}`,
    values,
  );
}

/**
 * How many a user has not read; beyond `MAX_UNREAD_COUNTED` nobody counts. In the order of the index, which keeps the
 * planner from reading the rows themselves: it expects the few that most have, and some have hundreds.
 */
export function unreadNotifications(userId: string): Query<{ readonly unread: number }> {
  return query(
    "notifications.unread",
    `SELECT count(*)::int AS unread
FROM (
  SELECT FROM notifications WHERE user_id = $1 AND read_at IS NULL
  ORDER BY created_at, id LIMIT ${MAX_UNREAD_COUNTED}
) counted`,
    [userId],
  );
}

/** Marks these as read, of this user's own. In order, so that two at once never wait for each other. */
export function readByIds(userId: string, ids: readonly string[], nowMs: number): Query {
  return query(
    "notifications.read-by-ids",
    `UPDATE notifications n SET read_at = $2
FROM (
  SELECT id FROM notifications
  WHERE id = ANY($3::uuid[]) AND user_id = $1 AND read_at IS NULL
  ORDER BY created_at, id FOR UPDATE
) unread
WHERE n.id = unread.id`,
    [userId, iso(nowMs), ids],
  );
}

/** Marks what a user was told before a moment as read, the oldest first, `MAX_READ_AT_ONCE` at most. */
export function readBefore(userId: string, beforeMs: number, nowMs: number): Query {
  return query(
    "notifications.read-before",
    `UPDATE notifications n SET read_at = $2
FROM (
  SELECT id FROM notifications
  WHERE user_id = $1 AND created_at < $3 AND read_at IS NULL
  ORDER BY created_at, id LIMIT ${MAX_READ_AT_ONCE} FOR UPDATE
) unread
WHERE n.id = unread.id`,
    [userId, iso(nowMs), iso(beforeMs)],
  );
}
