import { type OwnedList, takeOwned } from "./agreements.ts";
import { type Asker, firstRow, heavyAndLight, type Spread } from "./ask.ts";

interface Pair {
  readonly userId: string;
  readonly pitchId: string;
}

/** Interest in others, and what is told of it. */
export interface PeopleSamples {
  readonly follower: OwnedList;
  /** With most and fewest followers. */
  readonly followed: Spread<string>;
  readonly saver: OwnedList;
  /** A pitch of the heaviest saver's. */
  readonly saved: Pair;
  readonly liked: Pair;
  readonly notified: OwnedList;
  /** With most and fewest unread notifications, and some of them. */
  readonly unread: Spread<{ readonly userId: string; readonly ids: readonly string[] }>;
  /** Whose messages of which thread are still unread. */
  readonly messaged: { readonly threadId: string; readonly userId: string };
}

/** Takes them. */
export async function takePeople(client: Asker): Promise<PeopleSamples> {
  const saver = await takeOwned(client, "saved_pitches", "user_id", { key: "created_at", id: "pitch_id" });
  const unread = await heavyAndLight(client, "user_id", "notifications WHERE read_at IS NULL");
  return {
    follower: await takeOwned(client, "follows", "follower_id", { key: "created_at", id: "creator_id" }),
    followed: await heavyAndLight(client, "creator_id", "follows"),
    saver,
    saved: await firstRow(
      client,
      "saved pitch",
      `SELECT user_id AS "userId", pitch_id AS "pitchId" FROM saved_pitches WHERE user_id = $1 ORDER BY 2 LIMIT 1`,
      [saver.owners.common],
    ),
    liked: await firstRow(
      client,
      "like",
      `SELECT user_id AS "userId", pitch_id AS "pitchId" FROM likes ORDER BY 1, 2 LIMIT 1`,
    ),
    notified: await takeOwned(client, "notifications", "user_id"),
    unread: { common: await unreadOf(client, unread.common), rare: await unreadOf(client, unread.rare) },
    messaged: await firstRow(
      client,
      "unread notification of a message",
      `SELECT subject_id AS "threadId", user_id AS "userId" FROM notifications
WHERE kind = 'message' AND read_at IS NULL AND user_id = $1 ORDER BY id LIMIT 1`,
      [(await heavyAndLight(client, "user_id", "notifications WHERE kind = 'message' AND read_at IS NULL")).common],
    ),
  };
}

async function unreadOf(client: Asker, userId: string): Promise<{ userId: string; ids: readonly string[] }> {
  const { ids } = await firstRow<{ ids: string[] }>(
    client,
    "unread notification",
    `SELECT array_agg(id) AS ids FROM (
  SELECT id FROM notifications WHERE user_id = $1 AND read_at IS NULL ORDER BY id LIMIT 20
) n`,
    [userId],
  );
  return { userId, ids };
}
