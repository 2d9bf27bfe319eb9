import type { Client } from "pg";
import { copyRows } from "./copyRows.ts";
import { readFilms } from "./films.ts";
import { makeLikes } from "./likes.ts";
import { makePeople } from "./people.ts";
import { makePitches, type Pitch } from "./pitches.ts";
import { Random } from "./random.ts";

/** Pitches at a time: memory stays the same however many there are, and progress is true for all their tables. */
const BATCH = 5_000;

export interface Load {
  readonly pitches: number;
  readonly seed: number;
  readonly baseMs: number;
  readonly onProgress: (done: number, step: string) => void;
}

/** Fills the empty tables inside the caller's transaction. */
export async function load(client: Client, { pitches, seed, baseMs, onProgress }: Load): Promise<void> {
  onProgress(0, "accounts");
  const films = await readFilms();
  const people = makePeople(films, pitches, seed, baseMs);
  await copyRows(client, "users (id, email, name, role, password_hash, created_at)", people, (person) => {
    const { id, email, name, role, createdAt } = person;
    return [id, email, name, role, "!", iso(createdAt)]; // no password has the hash "!"
  });
  // There are no statistics yet, and each batch must find its own rows by their key.
  await client.query("SET LOCAL enable_seqscan = off");
  const likesRandom = new Random(seed ^ 0x6c696b65);
  let done = 0;
  for (const batch of batches(makePitches(films, people, pitches, seed, baseMs))) {
    await loadPitches(client, batch);
    const likes = batch.flatMap((pitch) => makeLikes(pitch, people, likesRandom, baseMs));
    await copyRows(client, "likes (user_id, pitch_id, created_at)", likes, ({ userId, pitchId, createdAt }) => {
      return [userId, pitchId, iso(createdAt)];
    });
    done += batch.length;
    onProgress(done, "pitches");
  }
}

async function loadPitches(client: Client, batch: readonly Pitch[]): Promise<void> {
  const columns = "id, user_id, title, logline, genre, format, production_stage, status, created_at, updated_at";
  await copyRows(client, `pitches (${columns})`, batch, (pitch) => {
    const { id, userId, title, logline, genre, format, stage, status, createdAt } = pitch;
    return [id, userId, title, logline, genre, format, stage, status, iso(createdAt), iso(createdAt)];
  });
  await copyRows(client, "pitch_counters (pitch_id, likes, views, score)", batch, ({ id, likes, views, score }) => {
    return [id, likes, views, score];
  });
  await client.query(
    `INSERT INTO pitch_search (pitch_id, document)
      SELECT id, pitch_document(title, logline) FROM pitches WHERE id = ANY ($1::uuid[])`,
    [batch.map(({ id }) => id)],
  );
}

function* batches(pitches: Iterable<Pitch>): Generator<readonly Pitch[]> {
  let batch: Pitch[] = [];
  for (const pitch of pitches) {
    batch.push(pitch);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
