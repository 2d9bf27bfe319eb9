import type { Film } from "./films.ts";
import { Random } from "./random.ts";
import { timedId } from "./timedId.ts";
import { FAMILY_NAMES, GIVEN_NAMES } from "./vocabulary.ts";

/** A row of `users`. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: "creator" | "investor" | "production";
  readonly createdAt: number;
}

/** Films without a director belong to it. */
const STUDIO_NAME = "Open Gate Pictures";

/** The time accounts have been opened over, before `baseMs`. */
const OPENED_OVER_MS = 6 * 365 * 86_400_000;

/**
 * The accounts: the studio first, then the directors, then others up to a tenth of the pitches (at least 50 in all):
 * creators, investors and production companies.
 */
export function makePeople(films: readonly Film[], pitches: number, seed: number, baseMs: number): readonly Person[] {
  const random = new Random(seed ^ 0x70656f70);
  const wanted = Math.max(50, Math.ceil(pitches / 10));
  const directors = [...new Set(films.flatMap(({ director }) => director ?? []))].slice(0, wanted - 1);
  const names = [STUDIO_NAME, ...directors];
  while (names.length < wanted) names.push(`${random.pick(GIVEN_NAMES)} ${random.pick(FAMILY_NAMES)}`);
  return names.map((name, index) => {
    const createdAt = openedAt(random, baseMs);
    const role = index <= directors.length ? "creator" : roleOf(random.next());
    return { id: timedId(createdAt, random), email: emailOf(name, index), name, role, createdAt };
  });
}

function roleOf(chance: number): Person["role"] {
  if (chance < 0.6) return "creator";
  return chance < 0.9 ? "investor" : "production";
}

/** When an account was opened; the youngest is two years old, so that each has a history. */
export function openedAt(random: Random, baseMs: number): number {
  return Math.floor(baseMs - OPENED_OVER_MS * (0.35 + 0.65 * random.next()));
}

/** Unique by its number; `example.com` is nobody's. */
export function emailOf(name: string, index: number): string {
  const local = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ".")
    .replace(/^\.|\.$/g, "");
  return `${local || "maker"}.${index}@example.com`;
}
