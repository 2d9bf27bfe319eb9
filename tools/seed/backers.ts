import { BACKERS_SHARE } from "./constants.ts";
import { emailOf, openedAt, type Person } from "./people.ts";
import { stream } from "./stream.ts";
import { timedId } from "./timedId.ts";
import { FAMILY_NAMES, GIVEN_NAMES } from "./vocabulary.ts";

/** More investors and production companies, where the accounts so far are nearly all directors of films. */
export function makeBackers(people: readonly Person[], seed: number, baseMs: number): readonly Person[] {
  const random = stream(seed, "backers");
  const there = people.filter(({ role }) => role !== "creator").length;
  const missing = Math.ceil((BACKERS_SHARE * people.length - there) / (1 - BACKERS_SHARE));
  return Array.from({ length: Math.max(0, missing) }, (_, index) => {
    const name = `${random.pick(GIVEN_NAMES)} ${random.pick(FAMILY_NAMES)}`;
    const createdAt = openedAt(random, baseMs);
    const role = random.next() < 0.75 ? "investor" : "production";
    return { id: timedId(createdAt, random), email: emailOf(name, people.length + index), name, role, createdAt };
  });
}
