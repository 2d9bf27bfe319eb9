import type * as z from "zod/mini";
import type { Query, Route } from "../../breakwater.ts";
import { MAX_READ_AT_ONCE, MAX_UNREAD_COUNTED } from "../constants.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import {
  listNotifications,
  type NotificationRow,
  readBefore,
  readByIds,
  unreadNotifications,
} from "../queries/notifications.ts";
import { route } from "../route.ts";
import {
  notificationPageSchema,
  type ReadNotifications,
  readNotificationsSchema,
  unreadSchema,
} from "../schemas/notificationSchemas.ts";
import { pageSchema } from "../schemas/pageSchema.ts";
import { committed } from "./committed.ts";
import { ownTags } from "./ownTags.ts";
import { utc } from "./utc.ts";

/** What somebody was told, for themselves alone: no id of another's does anything here. */
export const notificationRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/me/notifications",
    summary: `What you were told, newest first, and how much of it you have not read (up to ${MAX_UNREAD_COUNTED})`,
    access: "signed-in",
    query: pageSchema,
    answers: { 200: notificationPageSchema },
    handle: async ({ account, database, freshness, query: { cursor, limit } }) => {
      const list = { id: "notifications", kind: "time" as const, limit };
      const after = positionOf(list, cursor);
      const [{ rows }, counted] = await Promise.all([
        database.read(listNotifications(account.id, { after, limit }), { freshness }),
        database.read(unreadNotifications(account.id), { freshness }),
      ]);
      const page = pageOf(list, rows, { keyOf: (row) => row.created_at, show: notificationItem });
      return { status: 200, body: { ...page, unread: counted.rows[0]?.unread ?? 0 } };
    },
  }),
  route({
    method: "POST",
    path: "/api/me/notifications/read",
    summary: `Marks notifications as read, by their ids or all before a moment (at most ${MAX_READ_AT_ONCE} a request)`,
    access: "signed-in",
    body: readNotificationsSchema,
    answers: { 200: unreadSchema },
    handle: async ({ account, body, database, now }) => {
      const done = await database.write([readingOf(account.id, body, now())], {
        tags: ownTags(account.id),
        result: unreadNotifications(account.id),
      });
      return { status: 200, body: { unread: committed(done).result?.unread ?? 0 } };
    },
  }),
];

function readingOf(userId: string, { ids = [], before }: ReadNotifications, nowMs: number): Query {
  return before === undefined ? readByIds(userId, ids, nowMs) : readBefore(userId, Date.parse(before), nowMs);
}

function notificationItem(row: NotificationRow): z.infer<typeof notificationPageSchema>["items"][number] {
  return {
    id: row.id,
    kind: row.kind,
    actor: row.actor_id === null || row.actor_name === null ? null : { id: row.actor_id, name: row.actor_name },
    pitch: row.pitch_id === null || row.pitch_title === null ? null : { id: row.pitch_id, title: row.pitch_title },
    subjectId: row.subject_id,
    createdAt: utc(row.created_at),
    readAt: row.read_at && utc(row.read_at),
  };
}
