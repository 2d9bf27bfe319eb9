import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { connect } from "../migrate/connect.ts";
import { copyLine } from "./copyLine.ts";
import { readFilms } from "./films.ts";
import { makePeople, type Person } from "./people.ts";
import { makePitches, type Pitch } from "./pitches.ts";
import { Random } from "./random.ts";
import { SeedError } from "./seedError.ts";

/** The moment the data is told from: fixed, so that the same seed gives the same rows on every day. */
export const DEFAULT_BASE_MS = Date.UTC(2026, 10, 1);

/** Likes that are stored one by one, for each pitch: enough to join on, without a row for each counted one. */
const LIKES_PER_PITCH = 2;

export interface SeedOptions {
  readonly connectionString: string;
  /** How many pitches, 1 to 5,000,000. */
  readonly pitches: number;
  /** A whole number; the same one gives the same rows. */
  readonly seed: number;
  /** Replace other data that is there. */
  readonly reset?: boolean;
  readonly baseMs?: number;
  /** Told how many pitches of how many are there, and what is being done. */
  readonly onProgress?: (done: number, step: string) => void;
}

/** `seeded`: the rows were made. `present`: exactly these were there already. */
export type SeedResult = "seeded" | "present";

/**
 * Fills the marketplace's tables, all in one transaction: whatever interrupts it, afterwards there is all of it or
 * nothing. Refuses to touch tables that hold anything else, unless told to reset them.
 */
export async function seed(options: SeedOptions): Promise<SeedResult> {
  const { connectionString, pitches: count, seed: number, baseMs = DEFAULT_BASE_MS, onProgress = () => {} } = options;
  const client = await connect(connectionString);
  const stamp = `seed ${number}, ${count} pitches, base ${new Date(baseMs).toISOString()}`;
  try {
    await client.query("BEGIN");
    const present = await presentData(client);
    if (present === stamp) {
      await client.query("ROLLBACK");
      return "present";
    }
    if (present !== undefined && !options.reset) {
      throw new SeedError(`The database holds other data (${present}): add --reset to replace all of it.`);
    }
    onProgress(0, "accounts");
    await client.query("SET LOCAL synchronous_commit = off");
    await client.query("SET LOCAL session_replication_role = replica"); // triggers and foreign keys off for the load
    await client.query("TRUNCATE users, sessions, pitches, pitch_counters, pitch_search, likes");
    const films = await readFilms();
    const people = makePeople(films, count, number, baseMs);
    await copy(client, "users (id, email, name, role, password_hash, created_at)", people.values(), userLine);
    await copyPitches(client, makePitches(films, people, count, number, baseMs), count, onProgress);
    onProgress(count, "search documents");
    await client.query(
      "INSERT INTO pitch_search (pitch_id, document) SELECT id, pitch_document(title, logline) FROM pitches ORDER BY id",
    );
    onProgress(count, "likes");
    await copy(
      client,
      "likes (user_id, pitch_id, created_at)",
      await makeLikes(client, people, number, baseMs),
      (line) => line,
    );
    await client.query(`COMMENT ON TABLE pitches IS '${stamp.replaceAll("'", "''")}'`);
    await client.query("COMMIT");
    onProgress(count, "statistics");
    await client.query("ANALYZE users, pitches, pitch_counters, pitch_search, likes");
    return "seeded";
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    if ((error as { code?: string }).code === "42P01") {
      throw new SeedError("The marketplace's tables are missing: `npm start` makes them.", { cause: error });
    }
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** What the tables hold: the stamp of an earlier seeding, a word for anything else, undefined when they are empty. */
async function presentData(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ stamp: string | null; filled: boolean }>(
    `SELECT obj_description('pitches'::regclass) AS stamp,
      EXISTS (SELECT FROM pitches) OR EXISTS (SELECT FROM users) AS filled`,
  );
  const [row] = rows;
  if (!row?.filled) return undefined;
  return row.stamp ?? "not made by the seeding";
}

/** Pitches and their counters side by side; the counters wait in memory as lines, some 70 bytes each. */
async function copyPitches(
  client: Client,
  pitches: Generator<Pitch>,
  count: number,
  onProgress: (done: number, step: string) => void,
): Promise<void> {
  const counters: string[] = [];
  let done = 0;
  const lines = (pitch: Pitch): string => {
    const { id, likes, views, score } = pitch;
    counters.push(copyLine([id, likes, views, score]));
    if (++done % 5_000 === 0 || done === count) onProgress(done, "pitches");
    return pitchLine(pitch);
  };
  const columns = "id, user_id, title, logline, genre, format, production_stage, status, created_at, updated_at";
  await copy(client, `pitches (${columns})`, pitches, lines);
  await copy(client, "pitch_counters (pitch_id, likes, views, score)", counters.values(), (line) => line);
}

async function copy<T>(client: Client, target: string, rows: Iterator<T>, line: (row: T) => string): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${target} FROM STDIN`));
  await pipeline(Readable.from(chunks(rows, line)), stream);
}

/** Lines in chunks of some 64 KiB: one small write a row would be four times as slow. */
function* chunks<T>(rows: Iterator<T>, line: (row: T) => string): Generator<string> {
  let chunk = "";
  for (let row = rows.next(); !row.done; row = rows.next()) {
    chunk += line(row.value);
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

async function makeLikes(client: Client, people: readonly Person[], number: number, baseMs: number) {
  const { rows } = await client.query<{ id: string }>("SELECT id FROM pitches ORDER BY id");
  const random = new Random(number ^ 0x6c696b65);
  return (function* () {
    for (const { id } of rows) {
      const given = new Set<string>();
      for (let n = random.below(2 * LIKES_PER_PITCH + 1); n > 0; n--) {
        const person = people[random.below(people.length)];
        if (person) given.add(person.id);
      }
      for (const person of given)
        yield copyLine([person, id, new Date(baseMs - random.below(86_400_000 * 365)).toISOString()]);
    }
  })();
}

function userLine({ id, email, name, role, createdAt }: Person): string {
  return copyLine([id, email, name, role, "!", new Date(createdAt).toISOString()]);
}

function pitchLine({ id, userId, title, logline, genre, format, stage, status, createdAt }: Pitch): string {
  const at = new Date(createdAt).toISOString();
  return copyLine([id, userId, title, logline, genre, format, stage, status, at, at]);
}
