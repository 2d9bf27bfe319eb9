import type { Agreements } from "./agreements.ts";
import { DAY_MS, INVESTMENTS_PER_PITCH } from "./constants.ts";
import type { Crowd } from "./crowd.ts";
import { momentBetween } from "./moments.ts";
import type { Person } from "./people.ts";
import type { Pitch } from "./pitches.ts";
import { countFor } from "./popularity.ts";
import type { Random } from "./random.ts";
import { timedId } from "./timedId.ts";
import { weighted } from "./weighted.ts";

/** A row of `investments`. */
export interface Investment {
  readonly id: string;
  readonly pitchId: string;
  readonly creatorId: string;
  readonly investor: Person;
  readonly amount: number;
  readonly state: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

const STATES = [
  ["interested", 0.5],
  ["negotiating", 0.25],
  ["committed", 0.12],
  ["withdrawn", 0.13],
] as const;

/** Whole dollars, in steps as people name them: from 20,000 up, half of them below 45,000, a few of many millions. */
const AMOUNT_STEP = 5_000;
const MOST_STEPS = 20_000;

/** Who would put money into the pitch: investors who know it by an agreement first, then others. One amount each. */
export function makeInvestments(
  pitch: Pitch,
  { ndas }: Agreements,
  investors: Crowd,
  random: Random,
  baseMs: number,
): readonly Investment[] {
  const wanted = countFor(pitch, INVESTMENTS_PER_PITCH, random);
  const since = new Map<Person, number>();
  for (const { signer, signedAt } of ndas) {
    if (signer.role === "investor" && since.size < wanted) since.set(signer, signedAt);
  }
  for (const investor of investors.some(wanted - since.size, random)) {
    if (!since.has(investor)) since.set(investor, Math.max(pitch.createdAt, investor.createdAt));
  }
  return [...since].map(([investor, sinceMs]) => {
    const createdAt = momentBetween(sinceMs, baseMs, random, 2);
    const state = weighted(STATES, random);
    const changedBy = Math.min(baseMs, createdAt + 120 * DAY_MS);
    const amount = AMOUNT_STEP * Math.floor(Math.min(MOST_STEPS, 4 * random.pareto(0.9)));
    return {
      id: timedId(createdAt, random),
      pitchId: pitch.id,
      creatorId: pitch.userId,
      investor,
      amount,
      state,
      createdAt,
      updatedAt: state === "interested" ? createdAt : momentBetween(createdAt + 1, changedBy, random),
    };
  });
}
