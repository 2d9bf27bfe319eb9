import type { Pitch } from "./pitches.ts";
import type { Random } from "./random.ts";

/** The mean of the root of the views, over 200,000 pitches: a popularity of 1 is the mean. */
const MEAN_ROOT = 18.7;

/**
 * How many of something a pitch has, `perPitch` on average: by the root of its views, since reading costs less than
 * doing. Nobody does anything about a draft.
 */
export function countFor(pitch: Pitch, perPitch: number, random: Random): number {
  return Math.floor((perPitch * Math.sqrt(pitch.views)) / MEAN_ROOT + random.next());
}
