import type { Client } from "pg";

/** Days of views the bench keeps, which the live aggregate counts: as many as a dashboard shows. */
const DAYS = 30;

/** Views a pitch has in those days, on average. */
const VIEWS_PER_PITCH = 3;

/** The mean of the root of the seeded views: a pitch's share goes by the root of its views, as in the seeding. */
const MEAN_ROOT = 18.7;

/**
 * A month of views, more of what is seen more. They come in without a trigger and are counted all at once, as the
 * seeding's are; answers how long that took, in milliseconds.
 */
export async function addMonthOfViews(client: Client): Promise<number> {
  await client.query("ALTER TABLE pitch_views DISABLE TRIGGER USER");
  await client.query("SELECT setseed(0.5)");
  await client.query(
    `INSERT INTO pitch_views
      SELECT c.pitch_id, (now() AT TIME ZONE 'UTC')::date - floor(random() * $1)::int, decode(md5(c.pitch_id || n::text), 'hex')
      FROM pitch_counters c, generate_series(1, least(300, round($2 * sqrt(c.views) / $3 + random() - 0.5))::int) n`,
    [DAYS, VIEWS_PER_PITCH, MEAN_ROOT],
  );
  await client.query("ALTER TABLE pitch_views ENABLE TRIGGER USER");
  await client.query("ANALYZE pitch_views");
  const startedAt = performance.now();
  await client.query("SELECT rebuild_statistics()");
  return performance.now() - startedAt;
}

/** Published pitches by rank, for the skewed draws below. */
export async function rankPitches(client: Client): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE ranked AS
      SELECT p.id, row_number() OVER (ORDER BY c.views DESC) - 1 AS rank
      FROM pitches p JOIN pitch_counters c ON c.pitch_id = p.id WHERE p.status = 'published'`,
  );
  await client.query("CREATE UNIQUE INDEX ON ranked (rank)");
  await client.query("CREATE TEMP TABLE people AS SELECT id, row_number() OVER () - 1 AS n FROM users");
  await client.query("CREATE UNIQUE INDEX ON people (n)");
  await client.query("ANALYZE ranked, people");
}

/** `count` draws of a pitch, the seen ones more often, and of a person. */
const DRAWN = `(
  SELECT r.id AS pitch_id, u.id AS user_id
  FROM (
    SELECT floor((SELECT count(*) FROM ranked) * power(random(), 3))::bigint AS rank,
      floor((SELECT count(*) FROM people) * random())::bigint AS person
    FROM generate_series(1, $1::int)
  ) d JOIN ranked r ON r.rank = d.rank JOIN people u ON u.n = d.person
) d`;

/** Changed rows of each kind, of a thousand: what five busy minutes look like. */
const KINDS: readonly (readonly [share: number, statement: string])[] = [
  [
    0.7,
    `INSERT INTO pitch_views SELECT pitch_id, (now() AT TIME ZONE 'UTC')::date, decode(md5(random()::text), 'hex') FROM ${DRAWN}`,
  ],
  [0.13, `INSERT INTO likes (user_id, pitch_id) SELECT user_id, pitch_id FROM ${DRAWN} ON CONFLICT DO NOTHING`],
  [0.05, `INSERT INTO saved_pitches (user_id, pitch_id) SELECT user_id, pitch_id FROM ${DRAWN} ON CONFLICT DO NOTHING`],
  [
    0.02,
    `DELETE FROM likes WHERE (user_id, pitch_id) IN (
      SELECT l.user_id, l.pitch_id FROM ${DRAWN}
      CROSS JOIN LATERAL (SELECT * FROM likes WHERE user_id = d.user_id LIMIT 1) l
    )`,
  ],
  [
    0.03,
    `INSERT INTO nda_requests (id, pitch_id, creator_id, requester_id)
      SELECT gen_random_uuid(), p.id, p.user_id, d.user_id FROM ${DRAWN} JOIN pitches p ON p.id = d.pitch_id
      WHERE p.user_id <> d.user_id ON CONFLICT DO NOTHING`,
  ],
  [
    0.02,
    `UPDATE nda_requests SET status = 'approved', decided_at = now()
      WHERE id IN (SELECT id FROM nda_requests WHERE status = 'pending' LIMIT $1)`,
  ],
  [0.05, `UPDATE pitches SET status = 'archived' WHERE id IN (SELECT pitch_id FROM ${DRAWN}) AND status = 'published'`],
];

/** Changes about so many rows, mixed; answers how many it was. */
export async function change(client: Client, count: number): Promise<number> {
  let changed = 0;
  for (const [share, statement] of KINDS) {
    changed += (await client.query(statement, [Math.max(1, Math.round(count * share))])).rowCount ?? 0;
  }
  return changed;
}
