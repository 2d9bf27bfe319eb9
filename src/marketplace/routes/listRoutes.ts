import type { ReadResult, Route } from "../../breakwater.ts";
import { type List, pageOf, positionOf } from "../listing/page.ts";
import { browsePitches, type Filters, KEY_KINDS, type ListRow, searchPitches } from "../queries/listPitches.ts";
import { route } from "../route.ts";
import { browseSchema, pitchPageSchema, searchPageSchema, searchSchema } from "../schemas/pitchSchemas.ts";
import { listedPitch } from "./pitchItem.ts";

/** The lists hold published pitches only: the same ones whoever asks, so nobody is looked up. */
export const listRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/pitches",
    summary: "Published pitches, newest or most popular first",
    access: "anonymous",
    query: browseSchema,
    answers: { 200: pitchPageSchema },
    handle: async ({ database, freshness, query: { sort, cursor, limit, ...filters } }) => {
      const list = { id: identity(sort, filters), kind: KEY_KINDS[sort], limit };
      const after = positionOf(list, cursor);
      return answerOf(
        list,
        await database.read(browsePitches({ sort, filters, page: { after, limit } }), { freshness }),
      );
    },
  }),
  route({
    method: "GET",
    path: "/api/pitches/search",
    summary: "Published pitches that match, best first",
    access: "anonymous",
    query: searchSchema,
    answers: { 200: searchPageSchema },
    handle: async ({ database, freshness, query: { q, cursor, limit, ...filters } }) => {
      const list = { id: identity("search", filters, q), kind: KEY_KINDS.search, limit };
      const after = positionOf(list, cursor);
      const found = await database.read(searchPitches({ q, filters, page: { after, limit } }), { freshness });
      const { status, body } = answerOf(list, found);
      return { status, body: { ...body, isComplete: found.rows[0]?.is_cut !== true } };
    },
  }),
];

function identity(sort: string, { genre, format, stage }: Filters, q = ""): string {
  return [sort, genre, format, stage, q].join("\u0000");
}

function answerOf(list: List, { rows }: ReadResult<ListRow>) {
  return { status: 200 as const, body: pageOf(list, rows, { keyOf: (row) => row.sort_key, show: listedPitch }) };
}
