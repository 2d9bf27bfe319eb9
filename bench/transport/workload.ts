import type { Client } from "pg";
import { type Query, query } from "../../src/database/query.ts";
import { beginWrite, resultStatement } from "../../src/database/statements.ts";
import { uuidv7 } from "../../src/database/uuid.ts";
import { GENRES } from "../../src/marketplace/lists.ts";
import { insertSession, insertUser, sessionByToken } from "../../src/marketplace/queries/accounts.ts";
import { browsePitches, searchPitches } from "../../src/marketplace/queries/listPitches.ts";
import { insertPitch, ownPitch, publishedPitch } from "../../src/marketplace/queries/pitches.ts";
import { Random } from "../../tools/seed/random.ts";
import type { Call } from "./lane.ts";

/** Common and rare words of titles and log lines. */
const SEARCHES = ["star", "love", "night", "king", "war", "time", "detective", "harbour", "dead man", "the last"];

const PAGE = { after: undefined, limit: 20 };
const TOKEN_HASH = "5e".repeat(32);
const HOUR_MS = 3_600_000;

/** Makes the next call of each kind. Calls of one kind and round are alike for all lanes, but for a write's ids. */
export type Workload = readonly { readonly name: string; readonly next: (round: number) => Call }[];

/** What the marketplace asks, over the data that is there; makes one account with one session for it. */
export async function makeWorkload(client: Client, seed: number): Promise<Workload> {
  const now = Date.now();
  const userId = uuidv7(now);
  const account = { id: userId, email: `${userId}@bench.invalid`, name: "Bench", role: "creator" as const };
  await run(client, insertUser({ ...account, passwordHash: "!", createdMs: now }));
  const times = { createdMs: now, expiresMs: now + HOUR_MS };
  await run(client, insertSession({ id: uuidv7(now), userId, passwordHash: "!", tokenHash: TOKEN_HASH, ...times }));
  const published = await client.query<{ id: string }>(
    "SELECT id FROM pitches WHERE status = 'published' ORDER BY id LIMIT 5000",
  );
  const ids = published.rows.map(({ id }) => id);
  const pick = <T>(items: readonly T[], round: number): T => {
    const item = items[new Random(seed * 1_000_003 + round).below(items.length)];
    if (item === undefined) throw new Error("there is nothing to ask for: seed more pitches");
    return item;
  };
  const browse = (sort: "newest" | "popular", round: number): Call => ({
    query: browsePitches({ sort, filters: { genre: pick(GENRES, round) }, page: PAGE }),
  });
  return [
    { name: "select1", next: () => ({ query: query("bench.select1", "SELECT 1") }) },
    { name: "browseNewest", next: (round) => browse("newest", round) },
    { name: "browsePopular", next: (round) => browse("popular", round) },
    {
      name: "search",
      next: (round) => ({ query: searchPitches({ q: pick(SEARCHES, round), filters: {}, page: PAGE }) }),
    },
    { name: "onePitch", next: (round) => ({ query: publishedPitch(pick(ids, round)) }) },
    { name: "sessionCheck", next: () => ({ query: sessionByToken(TOKEN_HASH, Date.now()) }) },
    { name: "write", next: () => ({ batch: writeBatch(userId) }) },
  ];
}

/** A new pitch as the database handle writes it: the mark first, the result last. */
function writeBatch(userId: string): readonly Query[] {
  const createdMs = Date.now();
  const id = uuidv7(createdMs);
  const facts = {
    title: "Harbour",
    logline: "A wall against waves.",
    genre: "drama",
    format: "feature",
    stage: "script",
  };
  return [
    beginWrite({
      mark: uuidv7(createdMs),
      tags: ["pitches", `pitch:${id}`, "genre:drama"],
      epoch: "1",
      timeoutMs: 3_000,
      keyHex: undefined,
      fingerprintHex: undefined,
    }),
    insertPitch({ ...facts, id, userId, createdMs }),
    resultStatement(ownPitch(id, userId), undefined),
  ];
}

async function run(client: Client, { text, values }: Query): Promise<void> {
  await client.query(text, [...values]);
}
