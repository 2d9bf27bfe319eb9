import * as z from "zod/mini";
import { GENRES } from "../lists.ts";
import { pageFields } from "./pageFields.ts";
import { listedPitchSchema } from "./pitchSchemas.ts";

/** Everything about counts that goes out. What was written before `asOf` is in them; null: nothing was counted yet. */

const asOf = z.nullable(z.iso.datetime());
const count = z.int();

export const dashboardSchema = z.object({
  asOf,
  totals: z.object({
    pitches: count,
    published: count,
    followers: count,
    views: count,
    likes: count,
    saves: count,
    // Standing ones, and what they come to in whole dollars.
    investments: count,
    invested: count,
  }),
  viewsByDay: z.array(z.object({ day: z.iso.date(), views: count })),
  nda: z.object({ requested: count, approved: count, declined: count, pending: count }),
  topPitches: z.array(z.object({ id: z.uuid(), title: z.string(), views: count, likes: count })),
});

export const trendingQuerySchema = z.object({ limit: pageFields.limit });

export const trendingSchema = z.object({ asOf, items: z.array(listedPitchSchema) });

export const genresSchema = z.object({
  asOf,
  items: z.array(z.object({ genre: z.enum(GENRES), pitches: count })),
});
