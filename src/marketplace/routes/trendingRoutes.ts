import type { Route } from "../../breakwater.ts";
import { GENRES } from "../lists.ts";
import { COUNTED_TAG, genreCounts, trendingPitches } from "../queries/statistics.ts";
import { route } from "../route.ts";
import { genresSchema, trendingQuerySchema, trendingSchema } from "../schemas/statisticsSchemas.ts";
import { COUNTED } from "../sharing.ts";
import { listedPitch } from "./pitchItem.ts";

/** What everybody may know of how the whole marketplace does, counted every five minutes. */
export const trendingRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/trending",
    summary: "Published pitches of most interest in the last days: interest halves every two days",
    access: "anonymous",
    query: trendingQuerySchema,
    answers: { 200: trendingSchema },
    shared: {
      ...COUNTED,
      tags: () => ["pitches", "names", COUNTED_TAG],
      answer: async ({ database, query: { limit } }) => {
        const { rows } = await database.read(trendingPitches(limit));
        const items = rows.flatMap((row) => (row.id === null ? [] : [listedPitch(row)]));
        return { status: 200, body: { asOf: rows[0]?.as_of ?? null, items } };
      },
    },
  }),
  route({
    method: "GET",
    path: "/api/genres",
    summary: "All genres, with how many published pitches each has",
    access: "anonymous",
    answers: { 200: genresSchema },
    shared: {
      ...COUNTED,
      tags: () => [COUNTED_TAG],
      answer: async ({ database }) => {
        const { rows } = await database.read(genreCounts());
        const counted = new Map(rows.map(({ genre, published }) => [genre, published]));
        const items = GENRES.map((genre) => ({ genre, pitches: counted.get(genre) ?? 0 }));
        return { status: 200, body: { asOf: rows[0]?.as_of ?? null, items } };
      },
    },
  }),
];
