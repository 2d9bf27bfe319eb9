import { RANKED_HITS } from "../../../src/marketplace/constants.ts";
import type { Position } from "../../../src/marketplace/listing/cursor.ts";
import { type ListRow, searchPitches } from "../../../src/marketplace/queries/listPitches.ts";
import { type Asker, firstRow } from "./ask.ts";

/** What is searched for. */
export interface WordSamples {
  /** In most pitches. */
  readonly common: string;
  /** In about one of fifty: met often enough on the way through the newest. */
  readonly mid: string;
  /** Of which it costs as much to meet the newest hits as to fetch all: no word is dearer. */
  readonly dearest: string;
  /** In about twenty. */
  readonly rare: string;
  /** In none. */
  readonly none: string;
  /** The end of the common word's first forty rows. */
  readonly deep: Position;
}

/** Documents looked at, at most about: counting the words of a million would take longer than all other samples. */
const COUNTED = 100_000;

const MID_SHARE = 0.02;
const RARE_HITS = 20;

/** Documents on a page of their table, as seeded. A page is read for each hit that is fetched, or once on a walk. */
const DOCUMENTS_A_PAGE = 28;

/** Takes them. */
export async function takeWords(client: Asker): Promise<WordSamples> {
  const { rows: words } = await client.query<{ word: string; share: number; hits: number }>(
    `WITH size AS (
  SELECT count(*) AS n, least(100, greatest(1, 100.0 * ${COUNTED} / greatest(count(*), 1))) AS percent FROM pitch_search
), counted AS (
  SELECT word, ndoc FROM ts_stat((
    SELECT format('SELECT document FROM pitch_search TABLESAMPLE SYSTEM (%s) REPEATABLE (1)', percent) FROM size
  ))
)
SELECT word, ndoc / (size.n * size.percent / 100)::float8 AS share, (ndoc / (size.percent / 100))::float8 AS hits
FROM counted, size WHERE word ~ '^[a-z]{3,}$' ORDER BY ndoc DESC, word`,
  );
  const nearest = (distance: (word: (typeof words)[number]) => number) =>
    words.reduce<(typeof words)[number] | undefined>(
      (best, word) => (best === undefined || distance(word) < distance(best) ? word : best),
      undefined,
    )?.word ?? "film";
  const common = nearest((word) => -word.share);
  const { text, values } = searchPitches({ q: common, filters: {}, page: { after: undefined, limit: 39 } });
  const { rows: page } = await client.query<ListRow>(text, [...values]);
  const last = page.at(-1) ?? (await firstRow<ListRow>(client, "word", text, values));
  return {
    common,
    mid: nearest(({ share }) => Math.abs(Math.log(share / MID_SHARE))),
    // Met after RANKED_HITS / share documents, and there are share × n.
    dearest: nearest(({ share, hits }) => Math.abs(Math.log((share * hits * DOCUMENTS_A_PAGE) / RANKED_HITS))),
    rare: nearest(({ hits }) => Math.abs(Math.log(hits / RARE_HITS))),
    none: "qxzqxz",
    deep: { key: last.sort_key, id: last.id },
  };
}
