import { ProblemError, type Route } from "../../breakwater.ts";
import { pageOf, positionOf } from "../listing/page.ts";
import { profileOf, publishedBy, updateProfile } from "../queries/profiles.ts";
import { route } from "../route.ts";
import { pageSchema } from "../schemas/pageSchema.ts";
import { pitchPageSchema } from "../schemas/pitchSchemas.ts";
import { accountIdSchema, profileChangeSchema, profileSchema } from "../schemas/profileSchemas.ts";
import { THINGS } from "../sharing.ts";
import { committed } from "./committed.ts";
import { ownTags } from "./ownTags.ts";
import { personOf } from "./personOf.ts";
import { listedPitch } from "./pitchItem.ts";
import { profileItem } from "./profileItem.ts";

/** What an account shows of itself to everybody, and changes. */
export const profileRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/users/:id",
    summary: "What an account shows of itself",
    access: "anonymous",
    params: accountIdSchema,
    answers: { 200: profileSchema },
    problems: ["not-found"],
    shared: {
      ...THINGS,
      tags: ({ params: { id } }) => [`user:${id}`],
      answer: async ({ database, params: { id } }) => {
        const { rows } = await database.read(profileOf(id));
        const [row] = rows;
        if (!row) throw new ProblemError("not-found");
        return { status: 200, body: profileItem(row) };
      },
    },
  }),
  route({
    method: "GET",
    path: "/api/users/:id/pitches",
    summary: "The published pitches of an account, the newest first",
    access: "anonymous",
    params: accountIdSchema,
    query: pageSchema,
    answers: { 200: pitchPageSchema },
    problems: ["not-found"],
    shared: {
      ...THINGS,
      tags: ({ params: { id } }) => [`user:${id}`],
      answer: async ({ database, params: { id }, query: { cursor, limit } }) => {
        const list = { id: `user-pitches\u0000${id}`, kind: "time" as const, limit };
        const page = { after: positionOf(list, cursor), limit };
        const { rows } = await database.read(publishedBy(id, page));
        // Only where there is nothing it matters who that was: nobody, or somebody without pitches.
        if (rows.length === 0) await personOf(database, id);
        return { status: 200, body: pageOf(list, rows, { keyOf: (row) => row.sort_key, show: listedPitch }) };
      },
    },
  }),
  route({
    method: "PATCH",
    path: "/api/me",
    summary: "Changes what your account shows of itself",
    access: "signed-in",
    idempotent: true,
    body: profileChangeSchema,
    answers: { 200: profileSchema },
    problems: ["not-found"],
    handle: async ({ account, body, database, idempotency }) => {
      // A creator's name stands beside each of their pitches.
      const tags = [...ownTags(account.id), ...(body.name === undefined ? [] : ["names"])];
      const done = await database.write([updateProfile(account.id, body)], {
        tags,
        result: profileOf(account.id),
        ...(idempotency && { idempotency }),
      });
      const { result } = committed(done);
      if (!result) throw new ProblemError("not-found"); // the account was removed in between
      return { status: 200, body: profileItem(result) };
    },
  }),
];
