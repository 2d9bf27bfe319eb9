import { ProblemError, type ReadResult, type Route } from "../../breakwater.ts";
import { decodeCursor, encodeCursor, type KeyKind, type Position } from "../listing/cursor.ts";
import { browsePitches, type Filters, KEY_KINDS, type ListRow, searchPitches } from "../queries/listPitches.ts";
import { route } from "../route.ts";
import { browseSchema, pitchPageSchema, searchSchema } from "../schemas/pitchSchemas.ts";
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
      return pageOf(list, await database.read(browsePitches({ sort, filters, page: { after, limit } }), { freshness }));
    },
  }),
  route({
    method: "GET",
    path: "/api/pitches/search",
    summary: "Published pitches that match, best first",
    access: "anonymous",
    query: searchSchema,
    answers: { 200: pitchPageSchema },
    handle: async ({ database, freshness, query: { q, cursor, limit, ...filters } }) => {
      const list = { id: identity("search", filters, q), kind: KEY_KINDS.search, limit };
      const after = positionOf(list, cursor);
      return pageOf(list, await database.read(searchPitches({ q, filters, page: { after, limit } }), { freshness }));
    },
  }),
];

interface List {
  /** Sort, filters and words: what a cursor is bound to. */
  readonly id: string;
  readonly kind: KeyKind;
  readonly limit: number;
}

function identity(sort: string, { genre, format, stage }: Filters, q = ""): string {
  return [sort, genre, format, stage, q].join("\u0000");
}

function positionOf({ id, kind }: List, cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(id, kind, cursor);
  if (position) return position;
  const message = "is not a cursor of this list with this sort and these filters";
  throw new ProblemError("invalid-request", { errors: [{ field: "cursor", message }] });
}

function pageOf({ id, limit }: List, { rows }: ReadResult<ListRow>) {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const nextCursor = last ? encodeCursor(id, { key: last.sort_key, id: last.id }) : null;
  return { status: 200 as const, body: { items: shown.map(listedPitch), nextCursor } };
}
