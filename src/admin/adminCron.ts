import type { IsolateState } from "../isolate.ts";
import { askOwner } from "./askOwner.ts";

/** `GET /admin/cron`: the journal of cron runs. */
export async function adminCron(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.runs()));
  return word.said ? { ageMs: word.ageMs, ...word.said } : { trouble: word.trouble };
}
