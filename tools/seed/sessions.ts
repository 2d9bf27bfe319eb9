import { SESSION_MS } from "../../src/marketplace/constants.ts";
import { LOGINS_OVER_MS, MOST_SESSIONS, SESSIONS_LEAST, SESSIONS_TAIL } from "./constants.ts";
import { momentBetween } from "./moments.ts";
import type { Reset } from "./passwordResets.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { randomBytea } from "./randomBytea.ts";
import { timedId } from "./timedId.ts";

/** A row of `sessions`. */
export interface Session {
  readonly id: string;
  readonly tokenHash: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The sessions of an account, also those that have ended; a new password has deleted all before it. */
export function makeSessions(
  person: Person,
  resets: readonly Reset[],
  random: Random,
  baseMs: number,
): readonly Session[] {
  const wanted = Math.min(MOST_SESSIONS, Math.floor(SESSIONS_LEAST * random.pareto(SESSIONS_TAIL)));
  const since = Math.max(person.createdAt, baseMs - LOGINS_OVER_MS, ...resets.map(({ usedAt = 0 }) => usedAt));
  return Array.from({ length: wanted }, () => {
    const createdAt = momentBetween(since, baseMs, random);
    return {
      id: timedId(createdAt, random),
      tokenHash: randomBytea(32, random),
      userId: person.id,
      createdAt,
      expiresAt: createdAt + SESSION_MS,
    };
  });
}
