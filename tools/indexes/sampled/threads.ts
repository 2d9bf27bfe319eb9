import {
  openThread,
  readNotifications,
  readThread,
  threadFacts,
  threadsOf,
  topicOf,
} from "../../../src/marketplace/queries/conversations.ts";
import { messageById, messageInThread, messagesOf, sendMessage } from "../../../src/marketplace/queries/messages.ts";
import { type Sample, samplesOf } from "../sample.ts";
import type { Samples } from "../samples.ts";
import { FIRST_PAGE, freshId } from "./fresh.ts";
import { ownedList } from "./people.ts";

/** Threads and messages. */
export function threadReads({ threads: samples }: Samples): readonly Sample[] {
  const { participant, threads, deepOfThread } = samples;
  const { common, rare } = threads;
  return [
    ...samplesOf({ common: threadFacts(common.id), rare: threadFacts(rare.id) }),
    ...ownedList(participant, threadsOf),
    ...samplesOf({ common: messageById(common.messageId) }),
    ...samplesOf({ common: messageInThread(common.messageId, common.id) }),
    ...samplesOf({
      common: messagesOf(common.id, common.userId, FIRST_PAGE),
      rare: messagesOf(rare.id, rare.userId, FIRST_PAGE),
      deep: messagesOf(common.id, common.userId, { ...FIRST_PAGE, after: deepOfThread }),
    }),
  ];
}

/** What they write. */
export function threadWrites({ threads: samples, security, people, pitches }: Samples): readonly Sample[] {
  const { nowMs } = security;
  const { common, rare } = samples.threads;
  const id = freshId(nowMs);
  const starterId = people.follower.owners.common;
  const recipientId = pitches.published.common.creatorId;
  const pitchId = pitches.published.common.id;
  const message = { id, body: "A sample.", notificationId: freshId(nowMs), createdMs: nowMs };
  const toLong = sendMessage({ ...message, topic: common.topic, senderId: common.userId });
  const toShort = sendMessage({ ...message, topic: rare.topic, senderId: rare.userId });
  return [
    ...samplesOf({
      common: openThread({
        id,
        topic: topicOf(starterId, recipientId, pitchId),
        starterId,
        recipientId,
        pitchId,
        createdMs: nowMs,
      }),
    }),
    ...samplesOf({ common: readThread(people.messaged.threadId, people.messaged.userId) }),
    ...samplesOf({
      common: readNotifications(people.messaged.threadId, people.messaged.userId, nowMs),
      none: readNotifications(rare.id, people.notified.owners.common, nowMs),
    }),
    ...toLong.flatMap((query) => samplesOf({ common: query })),
    ...toShort.flatMap((query) => samplesOf({ rare: query })),
  ];
}
