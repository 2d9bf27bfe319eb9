import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Query } from "../../src/breakwater.ts";
import { RANKED_HITS } from "../../src/marketplace/constants.ts";
import type { Position } from "../../src/marketplace/listing/cursor.ts";
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

/** What a search should be, written as simply as can be: of the newest hits, those published, by rank. */
async function expected(q: string, genre: string | undefined): Promise<string[]> {
  const words = "(websearch_to_tsquery('simple', $1) || websearch_to_tsquery('english', $1))";
  const filter = genre === undefined ? "" : "AND p.status = 'published' AND p.genre = $2";
  const { rows } = await client.query<{ id: string }>(
    `WITH hit AS MATERIALIZED (
      SELECT p.id, p.status, ts_rank(s.document, ${words}) AS rank
      FROM pitch_search s JOIN pitches p ON p.id = s.pitch_id
      WHERE s.document @@ ${words} ${filter}
      ORDER BY p.created_at DESC, p.id DESC LIMIT ${RANKED_HITS}
    )
    SELECT id FROM hit WHERE status = 'published' ORDER BY rank DESC, id DESC`,
    genre === undefined ? [q] : [q, genre],
  );
  return rows.map(({ id }) => id);
}

describe("a search", () => {
  const search = (q: string, filters: Filters = {}) =>
    allOf<SearchRow>((after) => searchPitches({ q, filters, page: { after, limit: LIMIT } }));

  it.each([
    ["a word in very many pitches", "the", undefined, true],
    ["a word in many, of one genre", "the", "comedy", false],
    ["a rare word", "archivist", undefined, false],
    ["words that nothing has", "qxzqxz", undefined, false],
  ] as const)("ranks the newest hits, page after page: %s", async (_, q, genre, isCut) => {
    const rows = await search(q, genre === undefined ? {} : { genre });
    expect(rows.map(({ id }) => id)).toEqual(await expected(q, genre));
    expect(rows.every((row) => row.is_cut === isCut)).toBe(true);
    if (isCut) expect(rows.length).toBeGreaterThan(RANKED_HITS / 2);
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
