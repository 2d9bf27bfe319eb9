import type { Query } from "../../../src/breakwater.ts";
import { feedOf } from "../../../src/marketplace/queries/feed.ts";
import { follow, followedBy, unfollow } from "../../../src/marketplace/queries/follows.ts";
import { likePitch, unlikePitch } from "../../../src/marketplace/queries/likes.ts";
import type { Page } from "../../../src/marketplace/queries/listPitches.ts";
import {
  listNotifications,
  readBefore,
  readByIds,
  unreadNotifications,
} from "../../../src/marketplace/queries/notifications.ts";
import { savedPitches, savePitch, unsavePitch } from "../../../src/marketplace/queries/saved.ts";
import { type Sample, samplesOf } from "../sample.ts";
import type { OwnedList } from "../samples/agreements.ts";
import type { Samples } from "../samples.ts";
import { FIRST_PAGE, freshId } from "./fresh.ts";

/** Follows, the feed, what is saved and what one was told. */
export function peopleReads({ people, pitches }: Samples): readonly Sample[] {
  const feed = ownedList(people.follower, feedOf).filter(({ label }) => label !== "deep");
  const [newest] = pitches.filters;
  return [
    ...ownedList(people.follower, followedBy),
    ...feed,
    ...(newest
      ? samplesOf({ deep: feedOf(people.follower.owners.common, { ...FIRST_PAGE, after: newest.deep.newest }) })
      : []),
    ...ownedList(people.saver, savedPitches),
    ...ownedList(people.notified, listNotifications),
    ...samplesOf({
      common: unreadNotifications(people.unread.common.userId),
      rare: unreadNotifications(people.unread.rare.userId),
    }),
  ];
}

/** What they write. */
export function peopleWrites({ people, pitches, security }: Samples): readonly Sample[] {
  const { nowMs } = security;
  const { unread, saved, liked, follower, followed } = people;
  const notificationId = freshId(nowMs);
  const following = { followerId: follower.owners.rare, notificationId, createdMs: nowMs };
  const like = { userId: follower.owners.rare, notificationId, createdMs: nowMs };
  return [
    ...samplesOf({
      common: follow({ ...following, followedId: followed.common }),
      rare: follow({ ...following, followedId: followed.rare }),
    }),
    ...samplesOf({ common: unfollow(follower.owners.common, followed.common) }),
    ...samplesOf({
      common: likePitch({ ...like, pitchId: pitches.published.common.id }),
      rare: likePitch({ ...like, pitchId: pitches.published.rare.id }),
    }),
    ...samplesOf({ common: unlikePitch(liked.userId, liked.pitchId) }),
    ...samplesOf({ common: savePitch(follower.owners.rare, pitches.published.common.id, nowMs) }),
    ...samplesOf({ common: unsavePitch(saved.userId, saved.pitchId) }),
    ...samplesOf({
      common: readByIds(unread.common.userId, unread.common.ids, nowMs),
      rare: readByIds(unread.rare.userId, unread.rare.ids, nowMs),
    }),
    ...samplesOf({
      common: readBefore(unread.common.userId, nowMs, nowMs),
      rare: readBefore(unread.rare.userId, nowMs, nowMs),
    }),
  ];
}

/** A list as its heaviest and its lightest owner have it, and the heaviest far behind the first page. */
export function ownedList(
  { owners, deep }: OwnedList,
  list: (userId: string, page: Page) => Query,
  shape?: string,
): readonly Sample[] {
  return samplesOf(
    {
      common: list(owners.common, FIRST_PAGE),
      rare: list(owners.rare, FIRST_PAGE),
      deep: list(owners.common, { ...FIRST_PAGE, after: deep }),
    },
    shape,
  );
}
