import type { Client } from "pg";
import type { AccountStory } from "./accountStories.ts";
import { copyRows } from "./copyRows.ts";
import { iso } from "./iso.ts";
import type { Notice } from "./notices.ts";
import type { PitchStory } from "./pitchStories.ts";
import type { Thread } from "./threads.ts";
import { topicOf } from "./topic.ts";
import type { Trace } from "./traces.ts";

/** Loads what happened around some pitches. The order is that of the foreign keys. */
export async function copyPitchStories(client: Client, stories: readonly PitchStory[]): Promise<void> {
  await copyRows(
    client,
    "pitch_documents (id, pitch_id, kind, title, storage_key, bytes, created_at)",
    stories.flatMap(({ documents }) => documents),
    ({ id, pitchId, kind, title, bytes, createdAt }) => {
      return [id, pitchId, kind, title, `documents/${id}`, bytes, iso(createdAt)];
    },
  );
  await copyRows(
    client,
    "nda_requests (id, pitch_id, creator_id, requester_id, status, message, created_at, decided_at)",
    stories.flatMap(({ requests }) => requests),
    ({ id, pitchId, creatorId, requester, status, message, createdAt, decidedAt }) => {
      return [id, pitchId, creatorId, requester.id, status, message, iso(createdAt), iso(decidedAt)];
    },
  );
  await copyRows(
    client,
    "ndas (id, pitch_id, user_id, request_id, signed_at, expires_at, revoked_at)",
    stories.flatMap(({ ndas }) => ndas),
    ({ id, pitchId, signer, requestId, signedAt, expiresAt, revokedAt }) => {
      return [id, pitchId, signer.id, requestId, iso(signedAt), iso(expiresAt), iso(revokedAt)];
    },
  );
  await copyRows(
    client,
    "saved_pitches (user_id, pitch_id, created_at)",
    stories.flatMap(({ saves }) => saves),
    ({ userId, pitchId, createdAt }) => [userId, pitchId, iso(createdAt)],
  );
  const days = stories.flatMap((story) => story.days);
  await copyRows(client, "pitch_daily (pitch_id, day, views, likes, saves)", days, ({ pitchId, day, views }) => {
    return [pitchId, day, views, 0, 0];
  });
  await copyRows(
    client,
    "pitch_views (pitch_id, day, viewer)",
    days.flatMap(({ pitchId, day, viewers }) => viewers.map((viewer) => [pitchId, day, viewer])),
    (row) => row,
  );
  await copyRows(
    client,
    "investments (id, pitch_id, creator_id, investor_id, amount, state, created_at, updated_at)",
    stories.flatMap(({ investments }) => investments),
    ({ id, pitchId, creatorId, investor, amount, state, createdAt, updatedAt }) => {
      return [id, pitchId, creatorId, investor.id, amount, state, iso(createdAt), iso(updatedAt)];
    },
  );
  await copyShared(client, stories);
}

/** Loads what some accounts did. */
export async function copyAccountStories(client: Client, stories: readonly AccountStory[]): Promise<void> {
  await copyRows(
    client,
    "follows (follower_id, creator_id, created_at)",
    stories.flatMap(({ follows }) => follows),
    ({ followerId, creatorId, createdAt }) => [followerId, creatorId, iso(createdAt)],
  );
  await copyRows(
    client,
    "password_resets (id, token_hash, user_id, created_at, expires_at, used_at)",
    stories.flatMap(({ resets }) => resets),
    ({ id, tokenHash, userId, createdAt, expiresAt, usedAt }) => {
      return [id, tokenHash, userId, iso(createdAt), iso(expiresAt), iso(usedAt)];
    },
  );
  await copyRows(
    client,
    "sessions (id, token_hash, user_id, created_at, expires_at)",
    stories.flatMap(({ sessions }) => sessions),
    ({ id, tokenHash, userId, createdAt, expiresAt }) => [id, tokenHash, userId, iso(createdAt), iso(expiresAt)],
  );
  await copyShared(client, stories);
}

interface Shared {
  readonly threads: readonly Thread[];
  readonly notices: readonly Notice[];
  readonly traces: readonly Trace[];
}

async function copyShared(client: Client, stories: readonly Shared[]): Promise<void> {
  const threads = stories.flatMap((story) => story.threads);
  await copyRows(client, "conversations (id, topic, pitch_id, created_at)", threads, (thread) => {
    const { id, people, pitchId, createdAt } = thread;
    return [id, topicOf(...people, pitchId), pitchId, iso(createdAt)];
  });
  await copyRows(
    client,
    "conversation_participants (conversation_id, user_id, last_message_at, unread)",
    threads.flatMap(({ id, people, messages, lastMessageAt }) => {
      return people.map((person) => {
        const unread = messages.filter(({ receiverId, isUnread }) => isUnread && receiverId === person).length;
        return [id, person, iso(lastMessageAt), unread];
      });
    }),
    (row) => row,
  );
  await copyRows(
    client,
    "messages (id, conversation_id, sender_id, body, created_at)",
    threads.flatMap(({ messages }) => messages),
    ({ id, conversationId, senderId, body, createdAt }) => [id, conversationId, senderId, body, iso(createdAt)],
  );
  await copyRows(
    client,
    "notifications (id, user_id, kind, actor_id, pitch_id, subject_id, created_at, read_at)",
    stories.flatMap(({ notices }) => notices),
    ({ id, userId, kind, actorId, pitchId, subjectId, createdAt, readAt }) => {
      return [id, userId, kind, actorId, pitchId, subjectId, iso(createdAt), iso(readAt)];
    },
  );
  await copyRows(
    client,
    "audit_log (id, at, actor_id, action, subject_kind, subject_id, detail)",
    stories.flatMap(({ traces }) => traces),
    ({ id, at, actorId, action, subjectKind, subjectId, detail }) => {
      return [id, iso(at), actorId, action, subjectKind, subjectId, detail];
    },
  );
}
