import type { PrimaryFacts } from "./cron/plan.ts";
import type { Work } from "./cron/work.ts";
import { isAsleep } from "./database/nodeEvidence.ts";
import { RequestScope } from "./database/requestScope.ts";
import { tellBump } from "./database/tellBump.ts";
import { writablePrimary } from "./database/writablePrimary.ts";
import type { EventContext } from "./eventContext.ts";
import { type IsolateState, requestOptions } from "./isolate.ts";

/** What is known of the primary without asking it. */
export function primaryFacts({ database }: IsolateState): PrimaryFacts {
  const now = Date.now();
  const primary = database.topology.primary ?? database.nodes[0]?.name;
  const node = database.nodes.find(({ name }) => name === primary);
  if (!node) return { isAsleep: false, isOpen: true };
  return {
    isAsleep: isAsleep(node, database.joinedEvidence(node.name, now), now),
    isOpen: !database.breakers.admits(node.name, now),
  };
}

/** Work on the primary until `endAt`, over one request's connections. Counts as checks: it keeps no node awake. */
export async function withPrimary<T>(
  state: IsolateState,
  ctx: EventContext,
  endAt: number,
  work: (primary: Work) => Promise<T>,
): Promise<T> {
  const scope = new RequestScope(state.database, {
    ...requestOptions(state, ctx, endAt - Date.now()),
    isPatient: true,
  });
  try {
    const { node } = await writablePrimary(scope, true);
    return await work({
      ask: (statement, ms) => scope.question(node, statement, ms),
      wrote: (id, tags) => void tellBump(state.database, id, tags, Date.now()),
      now: Date.now,
      endAt,
    });
  } finally {
    await scope.close();
  }
}
