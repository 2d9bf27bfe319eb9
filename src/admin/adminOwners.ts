import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import { askOwner } from "./askOwner.ts";

/** `GET /admin/cache`: the CacheCoordinator's word on bumps. */
export async function adminCache(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.admin()));
  const held = state.database.view.bumps;
  return {
    ...(word.said ? { ageMs: word.ageMs, ...word.said } : { trouble: word.trouble }),
    isolate: {
      seq: held?.part.seq ?? null,
      ageMs: held ? ageOf(held, Date.now()) : null,
      droppedBumps: state.database.ledger.droppedBumps,
    },
  };
}

/** `GET /admin/cron`: the journal of cron runs. */
export async function adminCron(state: IsolateState) {
  const word = await askOwner(state, (objects) => objects.cache((stub) => stub.runs()));
  return word.said ? { ageMs: word.ageMs, ...word.said } : { trouble: word.trouble };
}
