import * as z from "zod/mini";
import { MAX_READ_IDS } from "../constants.ts";
import { NOTIFICATION_KINDS } from "../lists.ts";
import { id } from "./id.ts";
import { personSchema, pitchReferenceSchema } from "./references.ts";

/** Everything about notifications that comes in or goes out. */

const notATime = { error: "must be a time as 2026-01-31T12:00:00Z" };

/** Which notifications were read: those of these ids, or all before a moment. Postgres knows no year 0. */
export const readNotificationsSchema = z
  .strictObject({
    ids: z.optional(
      z
        .array(id, { error: "must be a list of ids" })
        .check(
          z.minLength(1, { error: "must name at least one" }),
          z.maxLength(MAX_READ_IDS, { error: `must name at most ${MAX_READ_IDS}` }),
        ),
    ),
    before: z.optional(
      z.iso.datetime(notATime).check(
        z.refine((time) => !time.startsWith("0000"), notATime),
        z.maxLength(40, notATime),
      ),
    ),
  })
  .check(
    z.refine(({ ids, before }) => (ids === undefined) !== (before === undefined), {
      error: "must have either ids or before",
    }),
  );

export type ReadNotifications = z.infer<typeof readNotificationsSchema>;

const unread = z.int();

const notificationSchema = z.object({
  id: z.uuid(),
  kind: z.enum(NOTIFICATION_KINDS),
  actor: z.nullable(personSchema),
  pitch: z.nullable(pitchReferenceSchema),
  /** The request, conversation or investment it tells of. */
  subjectId: z.nullable(z.uuid()),
  createdAt: z.iso.datetime(),
  readAt: z.nullable(z.iso.datetime()),
});

export const notificationPageSchema = z.object({
  items: z.array(notificationSchema),
  unread,
  nextCursor: z.nullable(z.string()),
});

export const unreadSchema = z.object({ unread });
