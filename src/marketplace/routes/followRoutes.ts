import { type Route, uuidv7 } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import { feedOf } from "../queries/feed.ts";
import { type FollowedRow, follow, followedBy, unfollow } from "../queries/follows.ts";
import { route } from "../route.ts";
import { pageSchema } from "../schemas/pageSchema.ts";
import { pitchPageSchema } from "../schemas/pitchSchemas.ts";
import { accountIdSchema, followedPageSchema } from "../schemas/profileSchemas.ts";
import { committed } from "./committed.ts";
import { ownTags } from "./ownTags.ts";
import { personOf, strictly } from "./personOf.ts";
import { listedPitch } from "./pitchItem.ts";
import { utc } from "./utc.ts";

/** Whom somebody follows, and what those have published. */
export const followRoutes: readonly Route[] = [
  route({
    method: "PUT",
    path: "/api/users/:id/follow",
    summary: "Follows an account; a second time changes nothing",
    access: "signed-in",
    params: accountIdSchema,
    answers: { 204: null },
    problems: ["not-found", "forbidden"],
    handle: async ({ account, database, now, params: { id } }) => {
      const followed = await personOf(strictly(database), id);
      permit(account, { to: "follow", accountId: followed.id });
      const createdMs = now();
      const ids = { followerId: account.id, followedId: followed.id, notificationId: uuidv7(createdMs) };
      committed(await database.write([follow({ ...ids, createdMs })], { tags: tagsOf(account.id, id) }));
      return { status: 204 };
    },
  }),
  route({
    method: "DELETE",
    path: "/api/users/:id/follow",
    summary: "Follows an account no longer, if you did",
    access: "signed-in",
    params: accountIdSchema,
    answers: { 204: null },
    problems: ["not-found"],
    // Nobody is looked up: an account that was removed is left like any other.
    handle: async ({ account, database, params: { id } }) => {
      committed(await database.write([unfollow(account.id, id)], { tags: tagsOf(account.id, id) }));
      return { status: 204 };
    },
  }),
  route({
    method: "GET",
    path: "/api/me/following",
    summary: "Whom you follow, the newest first",
    access: "signed-in",
    query: pageSchema,
    answers: { 200: followedPageSchema },
    handle: async ({ account, database, freshness, query: { cursor, limit } }) => {
      const list = { id: "following", kind: "time" as const, limit };
      const page = { after: positionOf(list, cursor), limit };
      const { rows } = await database.read(followedBy(account.id, page), { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.followed_at, show: followedItem }) };
    },
  }),
  route({
    method: "GET",
    path: "/api/me/feed",
    summary: "Published pitches of those you follow, the newest first",
    access: "signed-in",
    query: pageSchema,
    answers: { 200: pitchPageSchema },
    handle: async ({ account, database, freshness, query: { cursor, limit } }) => {
      const list = { id: "feed", kind: "time" as const, limit };
      const page = { after: positionOf(list, cursor), limit };
      const { rows } = await database.read(feedOf(account.id, page), { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.sort_key, show: listedPitch }) };
    },
  }),
];

function followedItem({ id, name, role, followed_at: followedAt }: FollowedRow) {
  return { id, name, role, followedAt: utc(followedAt) };
}

/** The profile of who is followed shows how many do. */
function tagsOf(followerId: string, followedId: string): readonly string[] {
  return [...ownTags(followerId), `user:${followedId}`];
}
