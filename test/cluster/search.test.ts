import fc from "fast-check";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Query } from "../../src/breakwater.ts";
import { RANKED_HITS } from "../../src/marketplace/constants.ts";
import type { Position } from "../../src/marketplace/listing/cursor.ts";
import { FORMATS, GENRES, STAGES, STATUSES } from "../../src/marketplace/lists.ts";
import {
  browsePitches,
  type Filters,
  type ListRow,
  type SearchRow,
  searchPitches,
} from "../../src/marketplace/queries/listPitches.ts";
import { connect } from "../../tools/migrate/connect.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

const LIMIT = 20;

let stop: () => Promise<void>;
let client: Client;

beforeAll(async () => {
  const bed = await startTestCluster();
  stop = bed.stop;
  const { connectionString } = await bed.cluster.resolve("primary");
  await migrate({ connectionString });
  await seed({ connectionString, pitches: 1_500, seed: 1 });
  client = await connect(connectionString);
});

afterAll(async () => {
  await client?.end();
  await stop?.();
});

async function rowsOf<Row extends object>({ text, values }: Query<Row>): Promise<Row[]> {
  return (await client.query<Row>(text, [...values])).rows;
}

/** All pages of a list, one after the other, as cursors lead through them. */
async function allOf<Row extends ListRow>(page: (after: Position | undefined) => Query<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for (let after: Position | undefined; ; ) {
    const rows = await rowsOf(page(after));
    const shown = rows.slice(0, LIMIT);
    all.push(...shown);
    const last = shown.at(-1);
    if (rows.length <= LIMIT || !last) return all;
    after = { key: last.sort_key, id: last.id };
  }
}

/**
 * What a search should be, written as simply as can be, from the pitches themselves: of the newest hits, all published
 * and as the filters want them, by rank.
 */
async function expected(q: string, { genre, format, stage }: Filters = {}): Promise<[id: string, rank: number][]> {
  const words = "(websearch_to_tsquery('simple', $1) || websearch_to_tsquery('english', $1))";
  const { rows } = await client.query<{ id: string; rank: number }>(
    `WITH hit AS MATERIALIZED (
      SELECT p.id, ts_rank(pitch_document(p.title, p.logline), ${words}) AS rank
      FROM pitches p
      WHERE pitch_document(p.title, p.logline) @@ ${words} AND p.status = 'published'
        AND p.genre = coalesce($2, p.genre) AND p.format = coalesce($3, p.format)
        AND p.production_stage = coalesce($4, p.production_stage)
      ORDER BY p.created_at DESC, p.id DESC LIMIT ${RANKED_HITS}
    )
    SELECT id, rank FROM hit ORDER BY rank DESC, id DESC`,
    [q, genre, format, stage],
  );
  return rows.map(({ id, rank }) => [id, rank]);
}

async function search(q: string, filters: Filters = {}) {
  const rows = await allOf<SearchRow>((after) => searchPitches({ q, filters, page: { after, limit: LIMIT } }));
  return { rows, hits: rows.map(({ id, sort_key }) => [id, sort_key]) };
}

/** Does something in a transaction that is rolled back. */
async function undone(work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  await work().finally(() => client.query("ROLLBACK"));
}

describe("a search", () => {
  it.each([
    ["a word in very many pitches", "the", {}, true],
    ["a word in many, of one genre", "the", { genre: "western" }, false],
    ["a word in many, of one format", "the", { format: "feature" }, true],
    ["a rare word", "archivist", {}, false],
    ["words that nothing has", "qxzqxz", {}, false],
    ["no words, of one genre", '""', { genre: "drama" }, false],
  ] as const)("ranks the newest hits, page after page: %s", async (_, q, filters, isCut) => {
    const { rows, hits } = await search(q, filters);
    expect(hits).toEqual(await expected(q, filters));
    expect(rows.every((row) => row.is_cut === isCut)).toBe(true);
    expect(rows.length === RANKED_HITS).toBe(isCut);
  });

  it("has the hits and ranks that looking at every pitch has, whatever is filtered, also after changes", () =>
    undone(async () => {
      await client.query("SELECT setseed(0.5)");
      for (const [column, values] of [
        ["status", STATUSES],
        ["genre", GENRES],
        ["format", FORMATS],
        ["production_stage", STAGES],
      ] as const) {
        await client.query(
          `UPDATE pitches SET ${column} = ($1::text[])[1 + floor(random() * cardinality($1))] WHERE random() < 0.15`,
          [values],
        );
      }
      await client.query("UPDATE pitches SET title = title || ' of the Archivist' WHERE random() < 0.02");
      const some = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom("the", "a", "archivist", "love or war", "city must", '"in the"', "comedy", "feature script"),
          fc.record({ genre: some(GENRES), format: some(FORMATS), stage: some(STAGES) }),
          async (q, filters) => {
            expect((await search(q, filters)).hits).toEqual(await expected(q, filters));
          },
        ),
        { numRuns: 150 },
      );
    }));

  it("finds a pitch by what it is now, and only while it is published", () =>
    undone(async () => {
      const { rows } = await client.query<{ id: string }>("SELECT id FROM pitches WHERE status = 'published' LIMIT 1");
      const id = rows[0]?.id;
      const set = (assignments: string) => client.query(`UPDATE pitches SET ${assignments} WHERE id = $1`, [id]);
      const isFound = async (filters: Filters) => (await search("zyzzyva", filters)).rows.length === 1;
      await set("title = 'Zyzzyva', genre = 'western', format = 'tv', production_stage = 'script'");
      const is = { genre: "western", format: "tv", stage: "script" };
      const was = [{}, is, { genre: "western" }, { format: "tv" }, { stage: "script" }];
      for (const filters of was) expect(await isFound(filters), JSON.stringify(filters)).toBe(true);
      await set("genre = 'musical', format = 'short', production_stage = 'concept'");
      for (const filters of was.slice(1)) expect(await isFound(filters), JSON.stringify(filters)).toBe(false);
      expect(await isFound({ genre: "musical", format: "short", stage: "concept" })).toBe(true);
      for (const status of ["draft", "archived"]) {
        await set(`status = '${status}'`);
        for (const filters of [{}, { genre: "musical" }]) expect(await isFound(filters), status).toBe(false);
        await set("status = 'published'");
        expect(await isFound({ genre: "musical" }), status).toBe(true);
      }
    }));

  it("is not led to a filter by a title, a log line or a search, whatever is in them", async () => {
    const bare = "=genre:drama";
    const forged = [
      bare,
      `'${bare}'`,
      `"${bare}"`,
      "\\=genre\\:drama",
      `/${bare}`,
      `~/${bare}`,
      `./${bare}`,
      `-${bare}`,
      `+${bare}`,
      `1${bare}`,
      `a${bare}`,
      `&${bare};`,
      `&#61;genre:drama`,
      `<${bare}>`,
      `<a ${bare}>`,
      `https://a.example/?${bare}#${bare}`,
      `a.example/${bare}`,
      `a@b.example${bare}`,
      `${bare}:*`,
      `!${bare}`,
      `\u00a0${bare}\u200b${bare}\ufeff${bare}`,
      "\uff1dgenre:drama",
    ];
    const pieces = fc.constantFrom(
      ...forged,
      "=",
      ":",
      "'",
      '"',
      "\\",
      "/",
      "-",
      "<",
      ">",
      "&",
      ".",
      "@",
      " ",
      "\n",
      "or",
    );
    const texts = fc.oneof(
      fc.array(fc.oneof(pieces, fc.string({ unit: "grapheme" })), { maxLength: 8 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    const made = fc.sample(texts, { numRuns: 5_000, seed: 1 }).map((text) => text.replaceAll("\0", "").toWellFormed());
    const { rows } = await client.query<{ text: string; made: string }>(
      `SELECT text, made FROM unnest($1::text[]) AS t (text), LATERAL (
        SELECT unnest(tsvector_to_array(pitch_document(text, text)))
        UNION ALL
        SELECT substring(websearch_to_tsquery(language, text)::text FROM '''(=.*)')
        FROM (VALUES ('simple'::regconfig), ('english')) AS l (language)
      ) AS m (made)
      WHERE made LIKE '=%'`,
      [[...forged, ...made]],
    );
    expect(rows).toEqual([]);
    const { rows: drama } = await client.query(
      "SELECT tsvector_to_array(pitch_document('It', 'It', 'drama', 'tv', 'script')) @> ARRAY[$1] AS has",
      [bare],
    );
    expect(drama).toEqual([{ has: true }]);
  });

  it("looks for one lexeme, whatever a filter holds", async () => {
    const values = ["it's", "a\\b", "a & b", "drama' | '=genre:comedy", "\\' | !x", ":*", ""];
    const { rows } = await client.query(
      `SELECT v FROM unnest($1::text[]) AS v
      WHERE numnode(pitch_filter_query('genre', v)) <> 1
        OR NOT array_to_tsvector(ARRAY[pitch_filter('genre', v)]) @@ pitch_filter_query('genre', v)`,
      [values],
    );
    expect(rows).toEqual([]);
  });
});

describe("a list by popularity", () => {
  it.each([
    ["all", {}],
    ["of one genre", { genre: "comedy" }],
  ] as const)("has every pitch once, in order, page after page: %s", async (_, filters) => {
    const rows = await allOf((after) => browsePitches({ sort: "popular", filters, page: { after, limit: LIMIT } }));
    const { rows: wanted } = await client.query<{ id: string }>(
      `SELECT p.id FROM pitches p JOIN pitch_counters c ON c.pitch_id = p.id
      WHERE p.status = 'published' AND p.genre = coalesce($1, p.genre) ORDER BY c.score DESC, p.id DESC`,
      ["genre" in filters ? filters.genre : null],
    );
    expect(rows.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
  });
});
