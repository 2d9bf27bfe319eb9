import type { Person } from "./people.ts";
import type { Pitch } from "./pitches.ts";
import type { Random } from "./random.ts";

/** Likes stored one by one for each pitch, on average: enough to join on, without a row for each counted one. */
const LIKES_PER_PITCH = 2;

/** A row of `likes`. */
export interface Like {
  readonly userId: string;
  readonly pitchId: string;
  readonly createdAt: number;
}

/** Some of the pitch's likes, never more than its counter says, each after both the pitch and its giver came. */
export function makeLikes(pitch: Pitch, people: readonly Person[], random: Random, baseMs: number): Like[] {
  const wanted = Math.min(pitch.likes, random.below(2 * LIKES_PER_PITCH + 1));
  const likes = new Map<string, Like>();
  for (let n = 0; n < wanted; n++) {
    const giver = people[random.below(people.length)];
    if (!giver) continue;
    const from = Math.max(pitch.createdAt, giver.createdAt);
    const createdAt = Math.floor(from + (baseMs - from) * random.next());
    likes.set(giver.id, { userId: giver.id, pitchId: pitch.id, createdAt });
  }
  return [...likes.values()];
}
