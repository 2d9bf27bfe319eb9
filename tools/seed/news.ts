import type { Agreements } from "./agreements.ts";
import { DAY_MS } from "./constants.ts";
import type { Follow } from "./follows.ts";
import type { Investment } from "./investments.ts";
import type { Like } from "./likes.ts";
import type { Notice } from "./notices.ts";
import type { Pitch } from "./pitches.ts";
import type { Thread } from "./threads.ts";

/** What there is to tell. `readBy`: the moment by which it was read for sure, or that it is unread for sure. */
export interface News extends Pick<Notice, "userId" | "kind" | "actorId" | "createdAt"> {
  readonly pitchId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly readBy?: number | "unread" | undefined;
}

/** What the creator of a pitch, and those who want something of it, are told. */
export function pitchNews(
  pitch: Pitch,
  likes: readonly Like[],
  { requests }: Agreements,
  investments: readonly Investment[],
): readonly News[] {
  const { id: pitchId, userId } = pitch;
  const liked = likes.flatMap((like): News | [] => {
    if (like.userId === userId) return [];
    return { userId, kind: "like", actorId: like.userId, pitchId, createdAt: like.createdAt };
  });
  const asked = requests.flatMap(({ id: subjectId, requester, status, createdAt, decidedAt }): News[] => {
    const request: News = { userId, kind: "nda-requested", actorId: requester.id, pitchId, subjectId, createdAt };
    if (decidedAt === undefined || (status !== "approved" && status !== "declined")) return [request];
    const readBy = decidedAt; // who decides has seen it
    const kind = status === "approved" ? "nda-approved" : "nda-declined";
    const decision: News = { userId: requester.id, kind, actorId: userId, pitchId, subjectId, createdAt: decidedAt };
    return [{ ...request, readBy }, decision];
  });
  const offered = investments.flatMap(({ id: subjectId, investor, state, createdAt, updatedAt }): News[] => {
    const offer: News = { userId, kind: "investment", actorId: investor.id, pitchId, subjectId, createdAt };
    if (state === "interested") return [offer];
    // The investor takes it back, the creator moves it on; the other is told.
    if (state === "withdrawn") return [offer, { ...offer, createdAt: updatedAt }];
    return [offer, { ...offer, userId: investor.id, actorId: userId, createdAt: updatedAt }];
  });
  return [...liked, ...asked, ...offered];
}

export function followNews(follows: readonly Follow[]): readonly News[] {
  return follows.map(({ creatorId: userId, followerId: actorId, createdAt }) => {
    return { userId, kind: "follow", actorId, createdAt };
  });
}

/** A word for each message that finds no unread one waiting: the first after the other's own, and the first unread. */
export function threadNews({ id: subjectId, messages }: Thread): readonly News[] {
  return messages.flatMap(({ senderId, receiverId, createdAt, isUnread }, index): News | [] => {
    const before = messages[index - 1];
    if (before && before.senderId === senderId && before.isUnread === isUnread) return [];
    const news = { userId: receiverId, kind: "message", actorId: senderId, subjectId, createdAt } as const;
    if (isUnread) return { ...news, readBy: "unread" };
    const next = messages.slice(index + 1).find((later) => later.senderId !== senderId || later.isUnread);
    return { ...news, readBy: next?.createdAt ?? createdAt + 3 * DAY_MS };
  });
}
