import { type Database, type Freshness, ProblemError, type Route, uuidv7 } from "../../breakwater.ts";
import { type Asker, permit } from "../auth/permit.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import {
  openThread,
  readNotifications,
  readThread,
  threadFacts,
  threadsOf,
  topicOf,
} from "../queries/conversations.ts";
import { messageById, messageInThread, messagesOf, sendMessage } from "../queries/messages.ts";
import { route } from "../route.ts";
import {
  conversationIdSchema,
  conversationPageSchema,
  messagePageSchema,
  messageSchema,
  newConversationSchema,
  newMessageSchema,
  startedConversationSchema,
} from "../schemas/conversationSchemas.ts";
import { pageSchema } from "../schemas/pageSchema.ts";
import { committed } from "./committed.ts";
import { conversationItem, messageItem, startedConversation } from "./conversationItem.ts";
import { factsOf } from "./factsOf.ts";
import { ownTags } from "./ownTags.ts";
import { personOf, strictly } from "./personOf.ts";

/** Threads of two people, about a pitch or about nothing in particular: seen by those two alone. */
export const conversationRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/conversations",
    summary: "Writes to somebody: into the thread that is there (200), or into a new one (201)",
    access: "signed-in",
    idempotent: true,
    body: newConversationSchema,
    answers: { 200: startedConversationSchema, 201: startedConversationSchema },
    problems: ["not-found", "forbidden"],
    handle: async ({ account, body: { recipientId, pitchId, message }, database, idempotency, now }) => {
      const recipient = await personOf(strictly(database), recipientId);
      permit(account, { to: "write-to", accountId: recipient.id });
      if (pitchId !== undefined) permit(account, { to: "see-pitch", pitch: await factsOf(database, pitchId) });
      const createdMs = now();
      const topic = topicOf(account.id, recipient.id, pitchId);
      const thread = { id: uuidv7(createdMs), topic, starterId: account.id, recipientId: recipient.id, pitchId };
      const first = newMessage(topic, account, message, createdMs);
      const done = await database.write([openThread({ ...thread, createdMs }), ...sendMessage(first)], {
        tags: ownTags(account.id),
        result: messageInThread(first.id, thread.id),
        ...(idempotency && { idempotency }),
      });
      const { result } = committed(done);
      if (!result) throw new ProblemError("not-found"); // the recipient or the pitch went away in between
      return { status: result.is_first ? 201 : 200, body: startedConversation(result) };
    },
  }),
  route({
    method: "GET",
    path: "/api/me/conversations",
    summary: "Your threads, the one last written to first",
    access: "signed-in",
    query: pageSchema,
    answers: { 200: conversationPageSchema },
    handle: async ({ account, database, freshness, query: { cursor, limit } }) => {
      const list = { id: "conversations", kind: "time" as const, limit };
      const page = { after: positionOf(list, cursor), limit };
      const { rows } = await database.read(threadsOf(account.id, page), { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.last_message_at, show: conversationItem }) };
    },
  }),
  route({
    method: "GET",
    path: "/api/conversations/:id/messages",
    summary: "The messages of your thread, the newest first",
    access: "signed-in",
    params: conversationIdSchema,
    query: pageSchema,
    answers: { 200: messagePageSchema },
    problems: ["not-found"],
    handle: async ({ account, database, freshness, params: { id }, query: { cursor, limit } }) => {
      const list = { id: `messages\u0000${id}`, kind: "time" as const, limit };
      const page = { after: positionOf(list, cursor), limit };
      await ownThread(database, account, id, freshness);
      const { rows } = await database.read(messagesOf(id, account.id, page), { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.created_at, show: messageItem }) };
    },
  }),
  route({
    method: "POST",
    path: "/api/conversations/:id/messages",
    summary: "Writes into your thread",
    access: "signed-in",
    idempotent: true,
    params: conversationIdSchema,
    body: newMessageSchema,
    answers: { 201: messageSchema },
    problems: ["not-found", "recipient-gone"],
    handle: async ({ account, body: { body }, database, idempotency, now, params: { id } }) => {
      const { topic, has_removed: isAlone } = await ownThread(database, account, id);
      if (isAlone) throw new ProblemError("recipient-gone");
      const message = newMessage(topic, account, body, now());
      const done = await database.write(sendMessage(message), {
        tags: ownTags(account.id),
        result: messageById(message.id),
        ...(idempotency && { idempotency }),
      });
      const { result } = committed(done);
      if (!result) throw new ProblemError("recipient-gone"); // in between
      return { status: 201, body: messageItem(result) };
    },
  }),
  route({
    method: "POST",
    path: "/api/conversations/:id/read",
    summary: "You have read all of your thread",
    access: "signed-in",
    params: conversationIdSchema,
    answers: { 204: null },
    problems: ["not-found"],
    handle: async ({ account, database, now, params: { id } }) => {
      await ownThread(database, account, id);
      const statements = [readThread(id, account.id), readNotifications(id, account.id, now())];
      committed(await database.write(statements, { tags: ownTags(account.id) }));
      return { status: 204 };
    },
  }),
];

/** A thread that whoever asks takes part in. Throws the problem `not-found`. */
async function ownThread(database: Database, account: Asker, id: string, freshness: Freshness = "strict") {
  const { rows } = await database.read(threadFacts(id), { freshness });
  const [thread] = rows;
  permit(account, { to: "read-thread", participants: thread?.participants ?? [] });
  if (!thread) throw new ProblemError("not-found");
  return thread;
}

function newMessage(topic: string, { id: senderId }: Asker, body: string, createdMs: number) {
  return { id: uuidv7(createdMs), topic, senderId, body, notificationId: uuidv7(createdMs), createdMs };
}
