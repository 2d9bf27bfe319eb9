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

/** The days of the charts by how many days ago they were, in UTC: `["2026-10-31", "2026-10-30", …]`. */
export function chartedDays(baseMs: number): readonly string[] {
  return Array.from({ length: CHARTED_DAYS }, (_, ago) =>
    new Date(baseMs - 1 - ago * DAY_MS).toISOString().slice(0, 10),
  );
}

/**
 * The views of a published pitch on the days of the charts: most of the interest comes in its first weeks, and a little
 * for ever. Together never more than its counter says.
 */
export function makePitchDays(
  pitch: Pitch,
  charted: readonly string[],
  random: Random,
  baseMs: number,
): readonly PitchDay[] {
  if (pitch.status !== "published") return [];
  const age = (baseMs - pitch.createdAt) / DAY_MS;
  const expectedInAll = (pitch.views * DAILY_VIEWS_SHARE) / interestUntil(age);
  const days: PitchDay[] = [];
  let left = pitch.views;
  let seen = interestUntil(Math.max(0, age - charted.length));
  for (let ago = Math.min(charted.length, Math.ceil(age)) - 1; ago >= 0; ago--) {
    const before = seen;
    seen = interestUntil(age - ago);
    const mood = 0.6 + 0.8 * random.next();
    const expected = expectedInAll * (seen - before) * mood;
    const views = Math.min(left, MOST_VIEWS_A_DAY, Math.floor(expected + random.next()));
    if (views === 0) continue;
    left -= views;
    const viewers = ago < VIEWERS_KNOWN_DAYS ? Array.from({ length: views }, () => randomBytea(16, random)) : [];
    days.push({ pitchId: pitch.id, day: charted[ago] ?? "", views, viewers });
  }
  return days;
}

/** How much of all interest there ever will be has come by this age, in days. */
function interestUntil(age: number): number {
  return 1 - (1 + age / 5) ** -0.6;
}
