import { CHARTED_DAYS, DAILY_VIEWS_SHARE, DAY_MS, MOST_VIEWS_A_DAY, VIEWERS_KNOWN_DAYS } from "./constants.ts";
import type { Pitch } from "./pitches.ts";
import type { Random } from "./random.ts";
import { randomBytea } from "./randomBytea.ts";

/** A row of `pitch_daily`, of which the likes and saves are counted by the statistics themselves. */
export interface PitchDay {
  readonly pitchId: string;
  readonly day: string;
  readonly views: number;
  /** Rows of `pitch_views`, one for each view; none where they are forgotten. */
  readonly viewers: readonly string[];
}

/**
 * The views of a published pitch in the last days: most of the interest comes in its first weeks, and a little for ever.
 * Together never more than its counter says.
 */
export function makePitchDays(pitch: Pitch, random: Random, baseMs: number): readonly PitchDay[] {
  if (pitch.status !== "published") return [];
  const age = (baseMs - pitch.createdAt) / DAY_MS;
  const days: PitchDay[] = [];
  let left = pitch.views;
  let seen = interestUntil(Math.max(0, age - CHARTED_DAYS));
  for (let ago = Math.min(CHARTED_DAYS, Math.ceil(age)) - 1; ago >= 0; ago--) {
    const before = seen;
    seen = interestUntil(age - ago);
    const expected = (pitch.views * DAILY_VIEWS_SHARE * (seen - before)) / interestUntil(age);
    const mood = 0.6 + 0.8 * random.next();
    const views = Math.min(left, MOST_VIEWS_A_DAY, Math.floor(expected * mood + random.next()));
    if (views === 0) continue;
    left -= views;
    const viewers = ago < VIEWERS_KNOWN_DAYS ? Array.from({ length: views }, () => randomBytea(16, random)) : [];
    days.push({ pitchId: pitch.id, day: dayBefore(baseMs - ago * DAY_MS), views, viewers });
  }
  return days;
}

/** How much of all interest there ever will be has come by this age, in days. */
function interestUntil(age: number): number {
  return 1 - (1 + age / 5) ** -0.6;
}

/** The day in UTC that ends at this moment, or holds it. */
function dayBefore(ms: number): string {
  return new Date(ms - 1).toISOString().slice(0, 10);
}
