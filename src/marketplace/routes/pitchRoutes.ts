import {
  type Committed,
  type Context,
  type Database,
  ProblemError,
  type Query,
  type Route,
  uuidv7,
  type Violated,
} from "../../breakwater.ts";
import type { Member } from "../auth/member.ts";
import type { Status } from "../lists.ts";
import {
  insertPitch,
  ownPitch,
  publishedPitch,
  setPitchStatus,
  updatePitch,
  visiblePitch,
} from "../queries/pitches.ts";
import type { PitchRow } from "../queries/pitchRow.ts";
import { route } from "../route.ts";
import { newPitchSchema, pitchChangeSchema, pitchIdSchema, pitchSchema } from "../schemas/pitchSchemas.ts";
import { THINGS } from "../sharing.ts";
import { pitchItem } from "./pitchItem.ts";

/** One pitch: seen by everybody when published, by its creator always; changed by its creator alone. */
export const pitchRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/pitches",
    summary: "A new pitch, as a draft",
    access: "signed-in",
    idempotent: true,
    body: newPitchSchema,
    answers: { 201: pitchSchema },
    headers: ["Location"],
    handle: async ({ account, body, database, idempotency, now }) => {
      const createdMs = now();
      const id = uuidv7(createdMs);
      const done = await database.write([insertPitch({ ...body, id, userId: account.id, createdMs })], {
        tags: draftTags(id, account.id),
        result: ownPitch(id, account.id),
        ...(idempotency && { idempotency }),
      });
      const pitch = changedPitch(done);
      return { status: 201, body: pitch, headers: { Location: `/api/pitches/${pitch.id}` } };
    },
  }),
  route({
    method: "GET",
    path: "/api/pitches/:id",
    summary: "One pitch: published, or your own",
    access: "optional",
    params: pitchIdSchema,
    answers: { 200: pitchSchema },
    problems: ["not-found"],
    shared: {
      ...THINGS,
      tags: ({ params: { id } }) => [`pitch:${id}`, "names"],
      answer: async ({ database, params: { id } }) => pitchAnswer(await database.read(publishedPitch(id))),
    },
    handle: async ({ account, database, freshness, params: { id } }) => {
      const query = account ? visiblePitch(id, account.id) : publishedPitch(id);
      return pitchAnswer(await database.read(query, { freshness }));
    },
  }),
  route({
    method: "PATCH",
    path: "/api/pitches/:id",
    summary: "Changes some fields of your own pitch",
    access: "signed-in",
    idempotent: true,
    params: pitchIdSchema,
    body: pitchChangeSchema,
    answers: { 200: pitchSchema },
    problems: ["not-found", "forbidden"],
    handle: (context) =>
      change(
        context,
        updatePitch(context.params.id, context.account.id, context.body, context.now()),
        context.body.genre,
      ),
  }),
  statusRoute("publish", "published", "Shows your own pitch to everybody"),
  statusRoute("archive", "archived", "Takes your own pitch out of the lists"),
];

/** Doing it again changes nothing and answers the same, so a client without an idempotency key may repeat it too. */
function statusRoute(action: string, status: Status, summary: string): Route {
  return route({
    method: "POST",
    path: `/api/pitches/:id/${action}`,
    summary,
    access: "signed-in",
    idempotent: true,
    params: pitchIdSchema,
    answers: { 200: pitchSchema },
    problems: ["not-found", "forbidden"],
    handle: (context) => change(context, setPitchStatus(context.params.id, context.account.id, status, context.now())),
  });
}

async function change(
  { account, database, idempotency, params: { id } }: Context<{ id: string }, unknown, unknown, Member>,
  statement: Query,
  newGenre?: string,
) {
  const before = await mustOwn(database, id, account.id);
  const done = await database.write([statement], {
    tags: tagsOf(id, account.id, before.genre, newGenre),
    result: ownPitch(id, account.id),
    ...(idempotency && { idempotency }),
  });
  return { status: 200 as const, body: changedPitch(done) };
}

/** The pitch as it is now. Another's draft does not exist for whoever asks; another's published pitch is not theirs to change. */
async function mustOwn(database: Database, id: string, userId: string): Promise<PitchRow> {
  const { rows } = await database.read(visiblePitch(id, userId), { freshness: "strict" });
  const [row] = rows;
  if (!row) throw new ProblemError("not-found");
  if (row.creator_id !== userId) {
    throw new ProblemError("forbidden", { detail: "Only its creator can change a pitch." });
  }
  return row;
}

/** The pitch that a write answered. Without one it went away between the look and the change. */
function changedPitch(done: Committed<PitchRow> | Violated) {
  if (done.kind === "violated") throw new Error(`A pitch broke ${done.constraint}, which its schema lets through.`);
  if (!done.result) throw new ProblemError("not-found");
  return pitchItem(done.result);
}

function pitchAnswer({ rows: [row] }: { readonly rows: readonly PitchRow[] }) {
  if (!row) throw new ProblemError("not-found");
  return { status: 200 as const, body: pitchItem(row) };
}

/** What a new draft touches: no list shows it. A changed one is treated as listed: it may be published meanwhile. */
function draftTags(id: string, userId: string): readonly string[] {
  return [`pitch:${id}`, `user:${userId}`, `account:${userId}`];
}

/** What a change of a pitch touches; `account:` is what the look-up of an outcome asks for. */
function tagsOf(id: string, userId: string, ...genres: readonly (string | undefined)[]): readonly string[] {
  const touched = new Set(genres.flatMap((genre) => (genre === undefined ? [] : [`genre:${genre}`])));
  return ["pitches", `pitch:${id}`, ...touched, `user:${userId}`, `account:${userId}`];
}
