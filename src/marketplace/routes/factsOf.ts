import { type Database, ProblemError } from "../../breakwater.ts";
import type { PitchFacts } from "../auth/permit.ts";
import { pitchFacts } from "../queries/pitches.ts";

/** What permissions hang on, of a pitch as it is now; for `permit` to judge. Throws the problem `not-found`. */
export async function factsOf(database: Database, pitchId: string): Promise<PitchFacts> {
  const { rows } = await database.read(pitchFacts(pitchId), { freshness: "strict" });
  const [row] = rows;
  if (!row) throw new ProblemError("not-found");
  return { creatorId: row.creator_id, status: row.status };
}
