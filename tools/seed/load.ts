import { setImmediate } from "node:timers/promises";
import type { Client } from "pg";
import { tellAccounts } from "./accountStories.ts";
import { makeBackers } from "./backers.ts";
import { batches } from "./batches.ts";
import { makeCast } from "./cast.ts";
import { makeCompanies } from "./companies.ts";
import { copyRows } from "./copyRows.ts";
import { copyAccountStories, copyPitchStories } from "./copyStories.ts";
import { readFilms } from "./films.ts";
import { iso } from "./iso.ts";
import { makeLikes } from "./likes.ts";
import { makePeople, type Person } from "./people.ts";
import { makePitches, type Pitch } from "./pitches.ts";
import { tellPitches } from "./pitchStories.ts";
import { Random } from "./random.ts";

/** Pitches or accounts at a time: memory stays the same however many there are, and progress is true for all tables. */
const BATCH = 2_000;

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
  const makers = makePeople(films, pitches, seed, baseMs);
  const people = [...makers, ...makeBackers(makers, seed, baseMs)];
  await loadPeople(client, people, seed);
  const cast = makeCast(people);
  await loadAccountStories(client, people, tellAccounts(cast, seed, baseMs));
  // There are no statistics yet, and each batch must find its own rows by their key.
  await client.query("SET LOCAL enable_seqscan = off");
  await client.query("CREATE TEMP TABLE made_documents (LIKE pitch_search) ON COMMIT DROP");
  const likesRandom = new Random(seed ^ 0x6c696b65);
  const tell = tellPitches(cast, seed, baseMs);
  let done = 0;
  for (const batch of batches(makePitches(films, makers, pitches, seed, baseMs), BATCH)) {
    await loadPitches(client, batch);
    const likes = batch.map((pitch) => makeLikes(pitch, makers, likesRandom, baseMs));
    await copyRows(client, "likes (user_id, pitch_id, created_at)", likes.flat(), ({ userId, pitchId, createdAt }) => {
      return [userId, pitchId, iso(createdAt)];
    });
    const [stories] = await Promise.all([
      afterSending(() => batch.map((pitch, index) => tell(pitch, likes[index] ?? []))),
      loadCompanions(client, batch),
    ]);
    await copyPitchStories(client, stories);
    done += batch.length;
    onProgress(done, "pitches");
  }
  await client.query("SET LOCAL enable_seqscan = on");
  // In the order of their making, as they come to be in life: a search reads the newest, page by page.
  onProgress(done, "documents");
  await client.query("INSERT INTO pitch_search SELECT * FROM made_documents ORDER BY pitch_id");
}

async function loadPeople(client: Client, people: readonly Person[], seed: number): Promise<void> {
  const { companies, profiles } = makeCompanies(people, seed);
  await copyRows(client, "companies (id, name, website, created_at)", companies, (company) => {
    const { id, name, website, createdAt } = company;
    return [id, name, website, iso(createdAt)];
  });
  const columns = "id, email, name, role, password_hash, created_at, company_id, bio";
  await copyRows(client, `users (${columns})`, people.entries(), ([index, person]) => {
    const { id, email, name, role, createdAt } = person;
    const { companyId, bio = "" } = profiles[index] ?? {};
    return [id, email, name, role, "!", iso(createdAt), companyId, bio]; // no password has the hash "!"
  });
}

async function loadAccountStories(
  client: Client,
  people: readonly Person[],
  tell: ReturnType<typeof tellAccounts>,
): Promise<void> {
  for (const batch of batches(people, BATCH)) await copyAccountStories(client, batch.map(tell));
}

async function loadPitches(client: Client, batch: readonly Pitch[]): Promise<void> {
  const columns = "id, user_id, title, logline, genre, format, production_stage, status, created_at, updated_at";
  await copyRows(client, `pitches (${columns})`, batch, (pitch) => {
    const { id, userId, title, logline, genre, format, stage, status, createdAt } = pitch;
    return [id, userId, title, logline, genre, format, stage, status, iso(createdAt), iso(createdAt)];
  });
}

/**
 * What goes with each pitch, as the server computes it: the score must be to the last bit what the statistics would make
 * of the counts. The longest work of the server, in which it needs nothing of us.
 */
async function loadCompanions(client: Client, batch: readonly Pitch[]): Promise<void> {
  await client.query(
    `WITH counted AS (
      INSERT INTO pitch_counters (pitch_id, likes, views, score)
      SELECT p.id, c.likes, c.views, popularity(c.views, c.likes, p.created_at)
      FROM unnest($1::uuid[], $2::int[], $3::int[]) AS c (id, likes, views) JOIN pitches p ON p.id = c.id
    )
    INSERT INTO made_documents
      SELECT id, pitch_document(title, logline, genre, format, production_stage)
      FROM pitches WHERE id = ANY ($1::uuid[]) AND status = 'published'`,
    [batch.map(({ id }) => id), batch.map(({ likes }) => likes), batch.map(({ views }) => views)],
  );
}

/** Makes something up while the server works on what was sent just now. */
async function afterSending<Made>(make: () => Made): Promise<Made> {
  await setImmediate();
  return make();
}
