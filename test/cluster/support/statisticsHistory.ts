import type { Client } from "pg";
import { uuidv7 } from "../../../src/database/uuid.ts";
import { FORMATS, GENRES, INVESTMENT_STATES, NDA_STATUSES, STATUSES } from "../../../src/marketplace/lists.ts";
import type { Random } from "../../../tools/seed/random.ts";

/** What a writer of a random history knows: ids that others may have removed meanwhile. */
export interface Cast {
  readonly users: string[];
  readonly pitches: string[];
}

/** One statement of a history, and how often it comes compared with the others. */
type Act = readonly [weight: number, act: (client: Client, random: Random, cast: Cast) => Promise<unknown>];

const DAY_MS = 86_400_000;

/** Few and skewed, so that writers meet: at the same pitches, on the same days. */
const any = (random: Random, ids: readonly string[]) => ids[Math.floor(ids.length * random.next() ** 2)] ?? "";
const lately = (random: Random) => new Date(Date.now() - Math.floor(random.next() ** 2 * 20) * DAY_MS).toISOString();
const one = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] as T;

const ACTS: readonly Act[] = [
  [
    30,
    (client, random, { pitches }) =>
      client.query(
        "INSERT INTO pitch_views VALUES ($1, $2, decode(lpad(to_hex($3::int), 32, '0'), 'hex')) ON CONFLICT DO NOTHING",
        [any(random, pitches), lately(random).slice(0, 10), random.below(40)],
      ),
  ],
  [20, (client, random, cast) => react(client, random, cast, "likes")],
  [10, (client, random, cast) => react(client, random, cast, "saved_pitches")],
  [10, (client, random, cast) => takeBack(client, random, cast, "likes")],
  [5, (client, random, cast) => takeBack(client, random, cast, "saved_pitches")],
  [
    5,
    (client, random, { users }) =>
      client.query("INSERT INTO follows (follower_id, creator_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
        any(random, users),
        any(random, users),
      ]),
  ],
  [
    3,
    (client, random, { users }) =>
      client.query("DELETE FROM follows WHERE follower_id = $1 OR (creator_id = $2 AND follower_id > $1)", [
        any(random, users),
        any(random, users),
      ]),
  ],
  [
    6,
    (client, random, { users, pitches }) =>
      client.query(
        `INSERT INTO nda_requests (id, pitch_id, creator_id, requester_id)
          SELECT $1, id, user_id, $2 FROM pitches WHERE id = $3 ON CONFLICT DO NOTHING`,
        [uuidv7(Date.now()), any(random, users), any(random, pitches)],
      ),
  ],
  [
    6,
    (client, random, { pitches }) => {
      const status = one(random, NDA_STATUSES.slice(1));
      return client.query("UPDATE nda_requests SET status = $1, decided_at = now() WHERE pitch_id = $2", [
        status,
        any(random, pitches),
      ]);
    },
  ],
  [
    6,
    (client, random, { users, pitches }) =>
      client.query(
        `INSERT INTO investments (id, pitch_id, creator_id, investor_id, amount)
          SELECT $1, id, user_id, $2, $4 FROM pitches WHERE id = $3 ON CONFLICT DO NOTHING`,
        [uuidv7(Date.now()), any(random, users), any(random, pitches), 1 + random.below(1_000_000)],
      ),
  ],
  [
    6,
    (client, random, { pitches }) =>
      client.query(
        "UPDATE investments SET state = $1, amount = amount + $2 WHERE pitch_id = $3 AND state <> 'withdrawn'",
        [one(random, INVESTMENT_STATES), random.below(100), any(random, pitches)],
      ),
  ],
  [4, addPitch],
  [
    10,
    (client, random, { pitches }) =>
      client.query("UPDATE pitches SET status = $1, genre = $2, format = $3, updated_at = now() WHERE id = $4", [
        one(random, STATUSES),
        one(random, GENRES),
        one(random, FORMATS),
        any(random, pitches),
      ]),
  ],
  [1, (client, random, { pitches }) => client.query("DELETE FROM pitches WHERE id = $1", [any(random, pitches)])],
  [0.2, (client, random, { users }) => client.query("DELETE FROM users WHERE id = $1", [any(random, users)])],
];

const TOTAL = ACTS.reduce((sum, [weight]) => sum + weight, 0);

/** One random statement. */
export async function act(client: Client, random: Random, cast: Cast): Promise<void> {
  let rest = random.next() * TOTAL;
  for (const [weight, chosen] of ACTS) {
    rest -= weight;
    if (rest < 0) {
      await chosen(client, random, cast);
      return;
    }
  }
}

export async function addUser(client: Client, cast: Cast): Promise<void> {
  const id = uuidv7(Date.now());
  await client.query(
    "INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, 'Ada', 'creator', '!')",
    [id, `${id}@example.com`],
  );
  cast.users.push(id);
}

export async function addPitch(client: Client, random: Random, cast: Cast): Promise<void> {
  const id = uuidv7(Date.now());
  await client.query(
    `INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage, status, created_at)
      VALUES ($1, $2, 'It', 'It.', $3, 'tv', 'script', $4, $5)`,
    [id, any(random, cast.users), one(random, GENRES), one(random, STATUSES), lately(random)],
  );
  cast.pitches.push(id);
}

function react(client: Client, random: Random, { users, pitches }: Cast, table: string): Promise<unknown> {
  return client.query(
    `INSERT INTO ${table} (user_id, pitch_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [any(random, users), any(random, pitches), lately(random)],
  );
}

function takeBack(client: Client, random: Random, { users, pitches }: Cast, table: string): Promise<unknown> {
  return client.query(`DELETE FROM ${table} WHERE user_id = $1 AND pitch_id = $2`, [
    any(random, users),
    any(random, pitches),
  ]);
}
