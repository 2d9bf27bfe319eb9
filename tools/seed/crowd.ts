import type { Person } from "./people.ts";
import { type Random, zipf } from "./random.ts";

/** The most active of a crowd act some hundred times as often as most: flatter than language, as sites have it. */
const ACTIVITY_EXPONENT = 0.8;

/** People of whom a few are busy and most are not. */
export interface Crowd {
  readonly size: number;
  /** `wanted` different ones, never `but`, at most half of all. */
  some(wanted: number, random: Random, but?: string): readonly Person[];
}

/** A crowd, its busiest first. */
export function makeCrowd(people: readonly Person[]): Crowd {
  const at = zipf(people.length, ACTIVITY_EXPONENT);
  return {
    size: people.length,
    some: (wanted, random, but) => {
      const most = Math.min(wanted, Math.ceil(people.length / 2));
      const found = new Set<Person>();
      for (let draws = 3 * most; draws > 0 && found.size < most; draws--) {
        const person = people[at(random)];
        if (person && person.id !== but) found.add(person);
      }
      return [...found];
    },
  };
}
