import type { Client } from "pg";
import { percentiles, rounded } from "../percentiles.ts";

const LIKES = 500;

interface Cost {
  /** One like, committed, in milliseconds. */
  readonly p50Ms: number;
  /** What it writes ahead, mean. */
  readonly walBytes: number;
}

/** What a like costs its writer with and without the trigger that queues it, in turn; as it was before, afterwards. */
export async function likeCost(client: Client): Promise<{ readonly queued: Cost; readonly bare: Cost }> {
  await client.query("CHECKPOINT"); // whole pages go into the log once after it: in neither's figures, by the first round
  await likes(client);
  const queued = await likes(client);
  await client.query("ALTER TABLE likes DISABLE TRIGGER likes_statistics");
  const bare = await likes(client);
  await client.query("ALTER TABLE likes ENABLE TRIGGER likes_statistics");
  return { queued, bare };
}

/** Likes of a pitch by people that do not like it yet, and away with them. */
async function likes(client: Client): Promise<Cost> {
  const { rows } = await client.query<{ user_id: string; pitch_id: string }>(
    `SELECT u.id AS user_id, p.id AS pitch_id
      FROM (SELECT id FROM ranked ORDER BY rank DESC LIMIT 1) p, (SELECT id FROM people ORDER BY n LIMIT $1) u
      WHERE NOT EXISTS (SELECT FROM likes l WHERE l.user_id = u.id AND l.pitch_id = p.id)`,
    [LIKES],
  );
  const times: number[] = [];
  const before = await position(client);
  for (const { user_id, pitch_id } of rows) {
    const startedAt = performance.now();
    await client.query("INSERT INTO likes (user_id, pitch_id) VALUES ($1, $2)", [user_id, pitch_id]);
    times.push(performance.now() - startedAt);
  }
  const walBytes = ((await position(client)) - before) / rows.length;
  const values = rows.map(({ user_id }) => user_id);
  await client.query("DELETE FROM likes WHERE pitch_id = $1 AND user_id = ANY ($2::uuid[])", [
    rows[0]?.pitch_id,
    values,
  ]);
  return { p50Ms: percentiles(times).p50, walBytes: rounded(walBytes) };
}

async function position(client: Client): Promise<number> {
  const { rows } = await client.query("SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes");
  return Number(rows[0]?.bytes);
}
