import * as z from "zod/mini";
import { FORMATS, GENRES, STAGES, STATUSES } from "../lists.ts";
import { id } from "./id.ts";
import { pageFields } from "./pageFields.ts";
import { text } from "./text.ts";

/** Everything about pitches that comes in or goes out. Messages end up beside the field's name in `errors`. */

const genre = z.enum(GENRES, { error: `must be one of: ${GENRES.join(", ")}` });
const format = z.enum(FORMATS, { error: `must be one of: ${FORMATS.join(", ")}` });
const stage = z.enum(STAGES, { error: `must be one of: ${STAGES.join(", ")}` });

const fields = { title: text(200), logline: text(1_000), genre, format, stage };

export const newPitchSchema = z.strictObject(fields);

export const pitchChangeSchema = z
  .partial(z.strictObject(fields))
  .check(z.refine((change) => Object.keys(change).length > 0, { error: "must change at least one field" }));

export type PitchChange = z.infer<typeof pitchChangeSchema>;

/** A malformed id is the id of nothing: the door answers 404. */
export const pitchIdSchema = z.object({ id });

const filters = { genre: z.optional(genre), format: z.optional(format), stage: z.optional(stage) };

export const browseSchema = z.object({
  ...filters,
  sort: z._default(z.enum(["newest", "popular"], { error: "must be newest or popular" }), "newest"),
  ...pageFields,
});

export const searchSchema = z.object({ q: text(200), ...filters, ...pageFields });

const listed = {
  id: z.uuid(),
  title: z.string(),
  logline: z.string(),
  genre,
  format,
  stage,
  creator: z.object({ id: z.uuid(), name: z.string() }),
  createdAt: z.iso.datetime(),
  likes: z.int(),
  views: z.int(),
};

/** A pitch in a list, which holds published ones only. */
export const listedPitchSchema = z.object(listed);

/** A pitch by itself. */
export const pitchSchema = z.object({ ...listed, status: z.enum(STATUSES) });

const page = { items: z.array(listedPitchSchema), nextCursor: z.nullable(z.string()) };

export const pitchPageSchema = z.object(page);

/** `isComplete` is false where so many pitches match that the older ones were not ranked, and are on no page. */
export const searchPageSchema = z.object({ ...page, isComplete: z.boolean() });
