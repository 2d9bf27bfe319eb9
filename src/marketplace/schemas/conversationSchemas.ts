import * as z from "zod/mini";
import { id } from "./id.ts";
import { personSchema, pitchReferenceSchema } from "./references.ts";
import { text } from "./text.ts";

/** Everything about threads and their messages that comes in or goes out. */

const body = text(5_000);

export const conversationIdSchema = z.object({ id });

export const newConversationSchema = z.strictObject({ recipientId: id, pitchId: z.optional(id), message: body });

export const newMessageSchema = z.strictObject({ body });

export const messageSchema = z.object({
  id: z.uuid(),
  sender: personSchema,
  /** Empty: its sender removed the account. */
  body: z.string(),
  createdAt: z.iso.datetime(),
});

export const messagePageSchema = z.object({ items: z.array(messageSchema), nextCursor: z.nullable(z.string()) });

const thread = { id: z.uuid(), with: personSchema, pitch: z.nullable(pitchReferenceSchema) };

export const startedConversationSchema = z.object({ ...thread, message: messageSchema });

export const conversationPageSchema = z.object({
  items: z.array(z.object({ ...thread, lastMessageAt: z.iso.datetime(), lastMessage: z.string(), unread: z.int() })),
  nextCursor: z.nullable(z.string()),
});
