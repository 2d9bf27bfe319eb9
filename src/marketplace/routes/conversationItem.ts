import type * as z from "zod/mini";
import type { ThreadListRow } from "../queries/conversations.ts";
import type { FirstMessageRow, MessageRow } from "../queries/messages.ts";
import type {
  conversationPageSchema,
  messageSchema,
  startedConversationSchema,
} from "../schemas/conversationSchemas.ts";
import { utc } from "./utc.ts";

/** A message as the people of its thread see it. */
export function messageItem(row: MessageRow): z.infer<typeof messageSchema> {
  const sender = { id: row.sender_id, name: row.sender_name };
  return { id: row.id, sender, body: row.body, createdAt: utc(row.created_at) };
}

/** A message to somebody, with the thread it came into. */
export function startedConversation(row: FirstMessageRow): z.infer<typeof startedConversationSchema> {
  return { id: row.conversation_id, ...parties(row), message: messageItem(row) };
}

/** A thread in the list of one of its people. */
export function conversationItem(row: ThreadListRow): z.infer<typeof conversationPageSchema>["items"][number] {
  const { id, unread } = row;
  return {
    id,
    ...parties(row),
    lastMessageAt: utc(row.last_message_at),
    lastMessage: row.last_message ?? "",
    unread,
  };
}

function parties({
  with_id: withId,
  with_name: withName,
  pitch_id: pitchId,
  pitch_title: title,
}: Pick<ThreadListRow, "with_id" | "with_name" | "pitch_id" | "pitch_title">) {
  const pitch = pitchId === null || title === null ? null : { id: pitchId, title };
  return { with: { id: withId, name: withName }, pitch };
}
