import { type Query, query } from "../../breakwater.ts";
import { keyset } from "./keyset.ts";
import type { Page } from "./listPitches.ts";
import { iso } from "./parameters.ts";

export interface NewMessage {
  readonly id: string;
  /** The thread's. */
  readonly topic: string;
  readonly senderId: string;
  readonly body: string;
  readonly notificationId: string;
  readonly createdMs: number;
}

/**
 * A message into a thread whose people are all there: two statements, for one transaction. The first takes the thread
 * and holds its people as they are, always in this order, so that two who write at once wait for one another instead of
 * for each other, and a removal of an account comes wholly before or wholly after. Only then, on what is there now, the
 * second writes: the message, its place in both lists, and a word to the other unless an unread one is waiting.
 */
export function sendMessage(message: NewMessage): readonly Query[] {
  const { id, topic, senderId, body, notificationId, createdMs } = message;
  return [
    query(
      "messages.lock-thread",
      `SELECT c.id FROM conversations c
JOIN conversation_participants p ON p.conversation_id = c.id
JOIN users u ON u.id = p.user_id
WHERE c.topic = $1
ORDER BY u.id
FOR NO KEY UPDATE OF c FOR KEY SHARE OF u`,
      [topic],
    ),
    query(
      "messages.insert",
      `WITH thread AS (
  SELECT c.id FROM conversations c
  JOIN conversation_participants me ON me.conversation_id = c.id AND me.user_id = $2
  WHERE c.topic = $1 AND NOT EXISTS (
    SELECT FROM conversation_participants p JOIN users u ON u.id = p.user_id
    WHERE p.conversation_id = c.id AND u.removed_at IS NOT NULL
  )
), sent AS (
  INSERT INTO messages (id, conversation_id, sender_id, body, created_at)
  SELECT $3::uuid, thread.id, $2::uuid, $4, $5::timestamptz FROM thread
), moved AS (
  UPDATE conversation_participants p
  SET last_message_at = greatest(p.last_message_at, $5),
    unread = CASE WHEN p.user_id = $2 THEN 0 ELSE p.unread + 1 END
  FROM thread WHERE p.conversation_id = thread.id
  RETURNING p.conversation_id, p.user_id
)
INSERT INTO notifications (id, user_id, kind, actor_id, subject_id, created_at)
SELECT $6::uuid, moved.user_id, 'message', $2, moved.conversation_id, $5
FROM moved
WHERE moved.user_id <> $2 AND NOT EXISTS (
  SELECT FROM notifications n
  WHERE n.user_id = moved.user_id AND n.kind = 'message' AND n.subject_id = moved.conversation_id AND n.read_at IS NULL
)`,
      [topic, senderId, id, body, iso(createdMs), notificationId],
    ),
  ];
}

export interface MessageRow {
  readonly id: string;
  readonly sender_id: string;
  readonly sender_name: string;
  readonly body: string;
  readonly created_at: string;
}

const MESSAGE_COLUMNS = "m.id, m.sender_id, s.name AS sender_name, m.body, m.created_at";

/** One message: the result of sending it. */
export function messageById(id: string): Query<MessageRow> {
  return query(
    "messages.by-id",
    `SELECT ${MESSAGE_COLUMNS}\nFROM messages m JOIN users s ON s.id = m.sender_id\nWHERE m.id = $1`,
    [id],
  );
}

export interface FirstMessageRow extends MessageRow {
  readonly conversation_id: string;
  readonly with_id: string;
  readonly with_name: string;
  readonly pitch_id: string | null;
  readonly pitch_title: string | null;
  /** The thread was opened for this message. */
  readonly is_first: boolean;
}

/** A message with its thread: the result of writing to somebody. `threadId`: the id it has if it was opened for it. */
export function messageInThread(id: string, threadId: string): Query<FirstMessageRow> {
  return query(
    "messages.in-thread",
    `SELECT ${MESSAGE_COLUMNS}, c.id AS conversation_id, u.id AS with_id, u.name AS with_name,
  p.id AS pitch_id, p.title AS pitch_title, c.id = $2 AS is_first
FROM messages m
JOIN users s ON s.id = m.sender_id
JOIN conversations c ON c.id = m.conversation_id
JOIN conversation_participants other ON other.conversation_id = c.id AND other.user_id <> m.sender_id
JOIN users u ON u.id = other.user_id
LEFT JOIN pitches p ON p.id = c.pitch_id AND (p.status = 'published' OR p.user_id = m.sender_id)
WHERE m.id = $1`,
    [id, threadId],
  );
}

/** The messages of a thread that this user takes part in, the newest first. */
export function messagesOf(threadId: string, userId: string, page: Page): Query<MessageRow> {
  const values: (string | number)[] = [threadId, userId];
  return query(
    "messages.list",
    `SELECT ${MESSAGE_COLUMNS}
FROM conversation_participants me
JOIN messages m ON m.conversation_id = me.conversation_id
JOIN users s ON s.id = m.sender_id
WHERE me.conversation_id = $1 AND me.user_id = $2
${keyset({ time: "m.created_at", id: "m.id" }, page, values)}`,
    values,
  );
}
