import { RESET_MS } from "../../src/marketplace/constants.ts";
import { LOGINS_OVER_MS, RESETS_SHARE } from "./constants.ts";
import { momentBetween } from "./moments.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { randomBytea } from "./randomBytea.ts";
import { timedId } from "./timedId.ts";

/** A row of `password_resets`. */
export interface Reset {
  readonly id: string;
  readonly tokenHash: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | undefined;
}

/** A forgotten password, if any: most letters are used within their hour, the others have run out. */
export function makeResets(
  { id: userId, createdAt: openedAt }: Person,
  random: Random,
  baseMs: number,
): readonly Reset[] {
  if (random.next() >= RESETS_SHARE) return [];
  const createdAt = momentBetween(Math.max(openedAt, baseMs - LOGINS_OVER_MS), baseMs - 2 * RESET_MS, random);
  const usedAt = momentBetween(createdAt + 1, createdAt + RESET_MS, random, 3);
  return [
    {
      id: timedId(createdAt, random),
      tokenHash: randomBytea(32, random),
      userId,
      createdAt,
      expiresAt: createdAt + RESET_MS,
      usedAt: random.next() < 0.7 ? usedAt : undefined,
    },
  ];
}
