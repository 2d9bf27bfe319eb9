import { type Query, type Route, uuidv7 } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import { likePitch, unlikePitch } from "../queries/likes.ts";
import { savedPitches, savePitch, unsavePitch } from "../queries/saved.ts";
import { route } from "../route.ts";
import { pageSchema } from "../schemas/pageSchema.ts";
import { pitchIdSchema, pitchPageSchema } from "../schemas/pitchSchemas.ts";
import { committed } from "./committed.ts";
import { factsOf } from "./factsOf.ts";
import { ownTags } from "./ownTags.ts";
import { listedPitch } from "./pitchItem.ts";

/**
 * Likes and saved pitches. Neither changes what others are shown of the pitch: its numbers are counted every five
 * minutes, so a like touches no tag of it.
 */
export const interestRoutes: readonly Route[] = [
  ...markRoutes("like", {
    put: "Likes a pitch; a second time changes nothing",
    remove: "Takes your like back, if there is one",
    insert: ({ userId, pitchId, nowMs }) =>
      likePitch({ userId, pitchId, notificationId: uuidv7(nowMs), createdMs: nowMs }),
    erase: unlikePitch,
  }),
  ...markRoutes("save", {
    put: "Saves a pitch for later; a second time changes nothing",
    remove: "Forgets a saved pitch, if it is one",
    insert: ({ userId, pitchId, nowMs }) => savePitch(userId, pitchId, nowMs),
    erase: unsavePitch,
  }),
  route({
    method: "GET",
    path: "/api/me/saved",
    summary: "The pitches you saved and may still see, the newest saved first",
    access: "signed-in",
    query: pageSchema,
    answers: { 200: pitchPageSchema },
    handle: async ({ account, database, freshness, query: { cursor, limit } }) => {
      const list = { id: "saved", kind: "time" as const, limit };
      const page = { after: positionOf(list, cursor), limit };
      const { rows } = await database.read(savedPitches(account.id, page), { freshness });
      return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.sort_key, show: listedPitch }) };
    },
  }),
];

interface Mark {
  /** What PUT and DELETE do, in a sentence each. */
  readonly put: string;
  readonly remove: string;
  readonly insert: (mark: { userId: string; pitchId: string; nowMs: number }) => Query;
  readonly erase: (userId: string, pitchId: string) => Query;
}

/**
 * Something that is either there or not between somebody and a pitch: put there and taken away as often as a client
 * likes to repeat itself. What is taken away may be hidden by now, so nobody is asked then.
 */
function markRoutes(action: string, { put, remove, insert, erase }: Mark): readonly Route[] {
  const path = `/api/pitches/:id/${action}`;
  return [
    route({
      method: "PUT",
      path,
      summary: put,
      access: "signed-in",
      params: pitchIdSchema,
      answers: { 204: null },
      problems: ["not-found"],
      handle: async ({ account, database, now, params: { id } }) => {
        permit(account, { to: "see-pitch", pitch: await factsOf(database, id) });
        const statement = insert({ userId: account.id, pitchId: id, nowMs: now() });
        committed(await database.write([statement], { tags: ownTags(account.id) }));
        return { status: 204 };
      },
    }),
    route({
      method: "DELETE",
      path,
      summary: remove,
      access: "signed-in",
      params: pitchIdSchema,
      answers: { 204: null },
      problems: ["not-found"],
      handle: async ({ account, database, params: { id } }) => {
        committed(await database.write([erase(account.id, id)], { tags: ownTags(account.id) }));
        return { status: 204 };
      },
    }),
  ];
}
