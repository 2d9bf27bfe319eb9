import type { Position } from "../../../src/marketplace/listing/cursor.ts";
import type { Filters, Sort } from "../../../src/marketplace/queries/listPitches.ts";
import { SampleError } from "../sampleError.ts";
import { type Asker, deepPosition, firstRow, heavyAndLight, type Spread } from "./ask.ts";

interface PitchSample {
  readonly id: string;
  readonly creatorId: string;
}

/** One combination of filters with the values that most and fewest published pitches have. */
interface FilterSample {
  /** `genre+format`; empty where nothing is filtered. */
  readonly shape: string;
  readonly values: Spread<Filters>;
  /** Far behind the first page of the common values. */
  readonly deep: Readonly<Record<Sort, Position>>;
}

/** What is browsed. */
export interface PitchSamples {
  /** With most and with fewest published pitches. */
  readonly creators: Spread<string>;
  readonly deepOfCreator: Position;
  /** Published: the most and the least seen. */
  readonly published: Spread<PitchSample>;
  readonly draft: PitchSample;
  /** Of the pitches with most and fewest of them. */
  readonly documents: Spread<{ readonly id: string; readonly pitchId: string; readonly creatorId: string }>;
  /** All eight combinations. */
  readonly filters: readonly FilterSample[];
}

const COLUMNS = { genre: "genre", format: "format", stage: "production_stage" } as const;

type Field = keyof typeof COLUMNS;

const COMBINATIONS: readonly (readonly Field[])[] = [
  [],
  ["genre"],
  ["format"],
  ["stage"],
  ["genre", "format"],
  ["genre", "stage"],
  ["format", "stage"],
  ["genre", "format", "stage"],
];

/** Takes them. */
export async function takePitches(client: Asker): Promise<PitchSamples> {
  const creators = await heavyAndLight(client, "user_id", "pitches WHERE status = 'published'");
  const withDocuments = await heavyAndLight(client, "pitch_id", "pitch_documents");
  return {
    creators,
    deepOfCreator: await deepPosition(
      client,
      { key: "created_at", id: "id" },
      "FROM pitches WHERE status = 'published' AND user_id = $1",
      [creators.common],
    ),
    published: { common: await seen(client, "DESC"), rare: await seen(client, "ASC") },
    draft: await firstRow(
      client,
      "draft",
      `SELECT id, user_id AS "creatorId" FROM pitches WHERE status = 'draft' ORDER BY id LIMIT 1`,
    ),
    documents: {
      common: await documentOf(client, withDocuments.common),
      rare: await documentOf(client, withDocuments.rare),
    },
    filters: await takeFilters(client),
  };
}

async function takeFilters(client: Asker): Promise<FilterSample[]> {
  const { rows } = await client.query<Record<Field, string> & { n: number }>(
    `SELECT genre, format, production_stage AS stage, count(*)::int AS n
FROM pitches WHERE status = 'published' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  );
  const taken: FilterSample[] = [];
  for (const fields of COMBINATIONS) {
    const values = mostAndFewest(rows, fields);
    const conditions = fields.map((field, index) => `AND p.${COLUMNS[field]} = $${index + 1}`).join(" ");
    const list = `FROM pitches p JOIN pitch_counters c ON c.pitch_id = p.id WHERE p.status = 'published' ${conditions}`;
    const bound = fields.map((field) => values.common[field]);
    taken.push({
      shape: fields.join("+"),
      values,
      deep: {
        newest: await deepPosition(client, { key: "p.created_at", id: "p.id" }, list, bound),
        popular: await deepPosition(client, { key: "c.score", id: "p.id" }, list, bound),
      },
    });
  }
  return taken;
}

function mostAndFewest(rows: readonly (Record<Field, string> & { n: number })[], fields: readonly Field[]) {
  const counts = new Map<string, { values: Filters; n: number }>();
  for (const row of rows) {
    const values: Filters = Object.fromEntries(fields.map((field) => [field, row[field]]));
    const key = JSON.stringify(values);
    counts.set(key, { values, n: row.n + (counts.get(key)?.n ?? 0) });
  }
  const sorted = [...counts.values()].sort((one, other) => other.n - one.n);
  const [most] = sorted;
  const fewest = sorted.at(-1);
  if (!most || !fewest) throw new SampleError("published pitch");
  return { common: most.values, rare: fewest.values };
}

function seen(client: Asker, order: "DESC" | "ASC"): Promise<PitchSample> {
  return firstRow(
    client,
    "published pitch",
    `SELECT p.id, p.user_id AS "creatorId" FROM pitches p JOIN pitch_counters c ON c.pitch_id = p.id
WHERE p.status = 'published' ORDER BY c.views ${order}, p.id LIMIT 1`,
  );
}

function documentOf(client: Asker, pitchId: string): Promise<{ id: string; pitchId: string; creatorId: string }> {
  return firstRow(
    client,
    "document",
    `SELECT d.id, d.pitch_id AS "pitchId", p.user_id AS "creatorId"
FROM pitch_documents d JOIN pitches p ON p.id = d.pitch_id WHERE d.pitch_id = $1 ORDER BY d.id LIMIT 1`,
    [pitchId],
  );
}
