import { type Database, ProblemError, type SharedContext } from "../../breakwater.ts";
import { personById } from "../queries/profiles.ts";

/** Reads, each as fresh as its owner chose. */
type Reader = SharedContext<unknown, unknown>["database"];

/** An account that is there, by id. Throws the problem `not-found` for one that never was, or was removed. */
export async function personOf(database: Reader, id: string) {
  const { rows } = await database.read(personById(id));
  const [person] = rows;
  if (!person) throw new ProblemError("not-found");
  return person;
}

/** From the primary, for what is about to be written. */
export function strictly(database: Database): Reader {
  return { read: (query) => database.read(query, { freshness: "strict" }) };
}
