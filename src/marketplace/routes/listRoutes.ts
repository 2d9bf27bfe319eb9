import type { Route } from "../../breakwater.ts";
import { type List, pageOf, positionOf } from "../listing/page.ts";
import { browsePitches, type Filters, KEY_KINDS, type ListRow, searchPitches } from "../queries/listPitches.ts";
import { COUNTED_TAG } from "../queries/statistics.ts";
import { route } from "../route.ts";
import { browseSchema, pitchPageSchema, searchPageSchema, searchSchema } from "../schemas/pitchSchemas.ts";
import { LISTS } from "../sharing.ts";
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
    shared: {
      ...LISTS,
      tags: ({ query }) => [...listTags(query), ...(query.sort === "popular" ? [COUNTED_TAG] : [])],
      answer: async ({ database, query: { sort, cursor, limit, ...filters } }) => {
        const list = { id: identity(sort, filters), kind: KEY_KINDS[sort], limit };
        const after = positionOf(list, cursor);
        return answerOf(list, await database.read(browsePitches({ sort, filters, page: { after, limit } })));
      },
    },
  }),
  route({
    method: "GET",
    path: "/api/pitches/search",
    summary: "Published pitches that match, best first",
    access: "anonymous",
    query: searchSchema,
    answers: { 200: searchPageSchema },
    shared: {
      ...LISTS,
      tags: ({ query }) => listTags(query),
      key: ({ query }) => ({ ...query, q: folded(query.q) }),
      answer: async ({ database, query: { q: asked, cursor, limit, ...filters } }) => {
        const q = folded(asked);
        const list = { id: identity("search", filters, q), kind: KEY_KINDS.search, limit };
        const after = positionOf(list, cursor);
        const found = await database.read(searchPitches({ q, filters, page: { after, limit } }));
        const { status, body } = answerOf(list, found);
        return { status, body: { ...body, isComplete: found.rows[0]?.is_cut !== true } };
      },
    },
  }),
];

function identity(sort: string, { genre, format, stage }: Filters, q = ""): string {
  return [sort, genre, format, stage, q].join("\u0000");
}

/** What the search takes for the same: it knows no case, and blanks only part words. */
function folded(q: string): string {
  return q.toLowerCase().replace(/\s+/g, " ");
}

/** What changes a list: pitches of its genre, where it has one; and the names beside them. */
function listTags({ genre }: Filters): readonly string[] {
  return [genre === undefined ? "pitches" : `genre:${genre}`, "names"];
}

function answerOf(list: List, { rows }: { readonly rows: readonly ListRow[] }) {
  return { status: 200 as const, body: pageOf(list, rows, { keyOf: (row) => row.sort_key, show: listedPitch }) };
}
