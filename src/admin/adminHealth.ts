import { healthOf } from "../health/healthOf.ts";
import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";

/** `GET /admin/health`: the verdict, the checks behind it, and the evidence they stand on. */
export function adminHealth(state: IsolateState) {
  const now = Date.now();
  const { database } = state;
  const held = database.view.breaker;
  const ago = (at: number | undefined) => (at === undefined ? null : Math.max(0, now - at));
  const { verdict, checks } = healthOf(state, now);
  return {
    ...verdict,
    checks,
    world: held ? { ageMs: ageOf(held, now), health: held.part.health } : null,
    nodes: database.nodes.map(({ name, maySleep }) => {
      const { lastSuccessAt, lastFailureAt, lastQueryAt, failuresInARow } = database.joinedEvidence(name, now);
      return {
        name,
        maySleep,
        breaker: database.breakers.effective(name, now),
        successAgeMs: ago(lastSuccessAt),
        failureAgeMs: ago(lastFailureAt),
        queryAgeMs: ago(lastQueryAt),
        failuresInARow,
      };
    }),
  };
}
