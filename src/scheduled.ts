import { EVERY_MINUTE, NIGHTLY } from "./cronTriggers.ts";
import { locatePrimary } from "./database/locatePrimary.ts";
import { RequestScope } from "./database/requestScope.ts";
import { ensurePartitions } from "./database/statements.ts";
import type { EventContext } from "./eventContext.ts";
import { checkWhatIsDue } from "./health/answerHealth.ts";
import { type IsolateState, requestOptions } from "./isolate.ts";

/** Time for the nightly work; it is short, and nobody waits. */
const NIGHTLY_MS = 30_000;

/** Runs what the cron expression stands for. Throws when it failed, so that the run counts as failed. */
export async function runCron(cron: string, state: IsolateState, ctx: EventContext): Promise<void> {
  switch (cron) {
    case EVERY_MINUTE:
      return checkWhatIsDue(state, ctx);
    case NIGHTLY:
      return prepareDays(state, ctx);
    default:
      throw new Error(`No work is known for the cron trigger "${cron}": mend wrangler.toml.`);
  }
}

async function prepareDays(state: IsolateState, ctx: EventContext): Promise<void> {
  const scope = new RequestScope(state.database, requestOptions(state, ctx, NIGHTLY_MS));
  try {
    const { node } = await locatePrimary(scope, true);
    const answer = await scope.query(node, ensurePartitions, NIGHTLY_MS);
    if (!answer.ok) throw answer.failure;
  } finally {
    await scope.close();
  }
}
