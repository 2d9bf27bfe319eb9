import { type Database, type Freshness, ProblemError } from "../../breakwater.ts";
import { personById } from "../queries/profiles.ts";

/** An account that is there, by id. Throws the problem `not-found` for one that never was, or was removed. */
export async function personOf(database: Database, id: string, freshness: Freshness = "strict") {
  const { rows } = await database.read(personById(id), { freshness });
  const [person] = rows;
  if (!person) throw new ProblemError("not-found");
  return person;
}
