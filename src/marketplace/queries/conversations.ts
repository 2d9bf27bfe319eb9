import { type Query, query } from "../../breakwater.ts";
import { EXCERPT_CHARACTERS } from "../constants.ts";
import { keyset } from "./keyset.ts";
import type { Page } from "./listPitches.ts";
import { iso } from "./parameters.ts";

/** What a thread is about: two accounts, whoever wrote first, and a pitch or none. Unique in the table. */
export function topicOf(one: string, other: string, pitchId: string | undefined): string {
  return [...[one, other].sort(), ...(pitchId === undefined ? [] : [pitchId])].join(":");
}

/**
 * Opens the thread of a topic unless it is there, for people who are there and stay so until this commits. Who opens the
 * same at the same moment waits here until the first has committed, and finds it in the next statement.
 */
export function openThread(thread: {
  id: string;
  topic: string;
  starterId: string;
  recipientId: string;
  pitchId: string | undefined;
  createdMs: number;
}): Query {
  const { id, topic, starterId, recipientId, pitchId, createdMs } = thread;
  return query(
    "conversations.open",
    `WITH people AS (
  SELECT u.id FROM users u WHERE u.id IN ($3, $4) AND u.removed_at IS NULL ORDER BY u.id FOR KEY SHARE
), opened AS (
  INSERT INTO conversations (id, topic, pitch_id, created_at)
  SELECT $1::uuid, $2, $5::uuid, $6::timestamptz
  WHERE (SELECT count(*) FROM people) = 2
    AND ($5 IS NULL OR EXISTS (
      SELECT FROM pitches p WHERE p.id = $5 AND (p.status = 'published' OR p.user_id = $3)
    ))
  ON CONFLICT (topic) DO NOTHING
  RETURNING id
)
INSERT INTO conversation_participants (conversation_id, user_id, last_message_at)
SELECT opened.id, people.id, $6 FROM opened CROSS JOIN people`,
    [id, topic, starterId, recipientId, pitchId ?? null, iso(createdMs)],
  );
}

export interface ThreadRow {
  readonly id: string;
  readonly topic: string;
  readonly participants: readonly string[];
  /** One of them removed the account. */
  readonly has_removed: boolean;
}

/** A thread, as far as permissions hang on it. */
export function threadFacts(id: string): Query<ThreadRow> {
  return query(
    "conversations.facts",
    `SELECT c.id, c.topic, array_agg(p.user_id) AS participants, bool_or(u.removed_at IS NOT NULL) AS has_removed
FROM conversations c
JOIN conversation_participants p ON p.conversation_id = c.id
JOIN users u ON u.id = p.user_id
WHERE c.id = $1
GROUP BY c.id`,
    [id],
  );
}

export interface ThreadListRow {
  readonly id: string;
  readonly with_id: string;
  readonly with_name: string;
  readonly pitch_id: string | null;
  readonly pitch_title: string | null;
  readonly last_message_at: string;
  readonly last_message: string | null;
  readonly unread: number;
}

/**
 * This user's threads, the one last written to first. The page is cut before the rest is looked up for it. A pitch that
 * the user may not see (any more) is not named.
 */
export function threadsOf(userId: string, page: Page): Query<ThreadListRow> {
  const values: (string | number)[] = [userId];
  return query(
    "conversations.list",
    `SELECT me.conversation_id AS id, u.id AS with_id, u.name AS with_name, p.id AS pitch_id, p.title AS pitch_title,
  me.last_message_at, last.body AS last_message, me.unread
FROM (
SELECT conversation_id, last_message_at, unread
FROM conversation_participants
WHERE user_id = $1
${keyset({ time: "last_message_at", id: "conversation_id" }, page, values)}
) me
JOIN conversations c ON c.id = me.conversation_id
JOIN conversation_participants other ON other.conversation_id = me.conversation_id AND other.user_id <> $1
JOIN users u ON u.id = other.user_id
LEFT JOIN pitches p ON p.id = c.pitch_id AND (p.status = 'published' OR p.user_id = $1)
LEFT JOIN LATERAL (
  SELECT left(m.body, ${EXCERPT_CHARACTERS}) AS body
  FROM messages m WHERE m.conversation_id = me.conversation_id
  ORDER BY m.created_at DESC, m.id DESC LIMIT 1
) last ON true
ORDER BY me.last_message_at DESC, me.conversation_id DESC`,
    values,
  );
}

/** This user has read all of the thread. */
export function readThread(id: string, userId: string): Query {
  return query(
    "conversations.read",
    "UPDATE conversation_participants SET unread = 0 WHERE conversation_id = $1 AND user_id = $2 AND unread > 0",
    [id, userId],
  );
}

/** Nothing tells of the thread's messages any longer. */
export function readNotifications(id: string, userId: string, nowMs: number): Query {
  return query(
    "conversations.read-notifications",
    `UPDATE notifications SET read_at = $3
WHERE user_id = $2 AND kind = 'message' AND subject_id = $1 AND read_at IS NULL`,
    [id, userId, iso(nowMs)],
  );
}
