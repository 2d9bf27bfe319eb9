import { SAVES_PER_PITCH } from "./constants.ts";
import type { Crowd } from "./crowd.ts";
import { momentBetween } from "./moments.ts";
import type { Pitch } from "./pitches.ts";
import { countFor } from "./popularity.ts";
import type { Random } from "./random.ts";

/** A row of `saved_pitches`. */
export interface Save {
  readonly userId: string;
  readonly pitchId: string;
  readonly createdAt: number;
}

/** Who keeps the pitch for later: others than its creator. */
export function makeSaves(pitch: Pitch, everyone: Crowd, random: Random, baseMs: number): readonly Save[] {
  return everyone.some(countFor(pitch, SAVES_PER_PITCH, random), random, pitch.userId).map((person) => {
    const since = Math.max(pitch.createdAt, person.createdAt);
    return { userId: person.id, pitchId: pitch.id, createdAt: momentBetween(since, baseMs, random) };
  });
}
