import { type Crowd, makeCrowd } from "./crowd.ts";
import type { Person } from "./people.ts";

/** Who does things, by what they may do. */
export interface Cast {
  readonly everyone: Crowd;
  readonly creators: Crowd;
  /** Investors and production companies: NDAs are for them. */
  readonly backers: Crowd;
  /** Only they name amounts. */
  readonly investors: Crowd;
}

export function makeCast(people: readonly Person[]): Cast {
  return {
    everyone: makeCrowd(people),
    creators: makeCrowd(people.filter(({ role }) => role === "creator")),
    backers: makeCrowd(people.filter(({ role }) => role !== "creator")),
    investors: makeCrowd(people.filter(({ role }) => role === "investor")),
  };
}
