import { Client } from "pg";
import type { Query } from "../../src/database/query.ts";
import { fullPitch } from "../../src/marketplace/queries/documents.ts";
import { browsePitches } from "../../src/marketplace/queries/listPitches.ts";
import { publishedBy } from "../../src/marketplace/queries/profiles.ts";
import { Random } from "../../tools/seed/random.ts";
import { MIX_CLIENTS, MIX_DRAWS, MIX_MS, MIX_SHARES, MIX_WARM_MS } from "./constants.ts";

/** The first page, as a list asks for it. */
const PAGE = { after: undefined, limit: 20 } as const;

/** What the mix asks: the next query, drawn by its share; the same ones for the same number. */
export type Mix = (seed: number) => () => Query;

/** Draws the values of the mix from the database, each as often as its rows are there. */
export async function drawMix(client: Client): Promise<Mix> {
  const { rows: pitches } = await client.query<{ genre: string; user_id: string }>(
    "SELECT genre, user_id FROM pitches WHERE status = 'published' ORDER BY md5(id::text) LIMIT $1",
    [MIX_DRAWS],
  );
  const { rows: ndas } = await client.query<{ pitch_id: string; user_id: string; signed_at: Date }>(
    "SELECT pitch_id, user_id, signed_at FROM ndas ORDER BY md5(id::text) LIMIT $1",
    [MIX_DRAWS],
  );
  const kinds: Readonly<Record<keyof typeof MIX_SHARES, readonly Query[]>> = {
    newest: [browsePitches({ sort: "newest", filters: {}, page: PAGE })],
    genre: pitches.map(({ genre }) => browsePitches({ sort: "newest", filters: { genre }, page: PAGE })),
    ownList: pitches.map(({ user_id }) => publishedBy(user_id, PAGE)),
    ndaCheck: ndas.map(({ pitch_id, user_id, signed_at }) => fullPitch(pitch_id, user_id, signed_at.getTime())),
  };
  const tickets = Object.entries(MIX_SHARES).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => kinds[kind as keyof typeof MIX_SHARES]),
  );
  return (seed) => {
    const random = new Random(seed);
    return () => {
      const queries = tickets[random.below(tickets.length)] ?? [];
      const query = queries[random.below(queries.length)];
      if (!query) throw new Error("the database has no published pitch, or no NDA");
      return query;
    };
  };
}

/** Answers a second of some clients, each on a connection of its own and asking as soon as it was answered. */
export async function mixTps(connectionString: string, mix: Mix): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: MIX_CLIENTS }, (_, index) => oneClient(connectionString, mix(index + 1))),
  );
  return counts.reduce((sum, perSecond) => sum + perSecond, 0);
}

async function oneClient(connectionString: string, next: () => Query): Promise<number> {
  const client = new Client({ connectionString, options: "-c jit=off -c max_parallel_workers_per_gather=0" });
  client.on("error", () => {});
  await client.connect();
  try {
    await askFor(client, next, MIX_WARM_MS);
    return await askFor(client, next, MIX_MS);
  } finally {
    await client.end();
  }
}

/** Answers a second; the last one is waited for, and its time counted. */
async function askFor(client: Client, next: () => Query, ms: number): Promise<number> {
  const startedAt = performance.now();
  let answers = 0;
  while (performance.now() - startedAt < ms) {
    const { text, values } = next();
    await client.query(text, [...values]);
    answers++;
  }
  return answers / ((performance.now() - startedAt) / 1_000);
}
