import { RequestScope } from "../database/requestScope.ts";
import type { EventContext } from "../eventContext.ts";
import { type IsolateState, requestOptions } from "../isolate.ts";
import { healthAnswer, liveAnswer, readyAnswer } from "./answer.ts";
import { dueChecks, runChecks } from "./checks.ts";
import { CHECK_DEADLINE_MS } from "./constants.ts";
import { misconfigured, type Verdict, verdict } from "./verdict.ts";

/** There is no cache yet that could answer without the database, nor one that could fail. */
const NO_RUNWAY_MS = 0;
const NO_CACHE_FAILED = true;

/**
 * Answers `/health`, `/health/live` and `/health/ready` from what the isolate saw; undefined for any other path. Never
 * asks the database before the answer; what is too old is asked for afterwards. `state`: undefined where the
 * configuration is wrong, whose `trouble` is then told.
 */
export function answerHealth(
  request: Request,
  { pathname }: URL,
  state: IsolateState | undefined,
  trouble: unknown,
  version: string,
  ctx: EventContext,
): Response | undefined {
  const isHealth = pathname === "/health" || pathname === "/health/live" || pathname === "/health/ready";
  if (!isHealth || !(request.method === "GET" || request.method === "HEAD")) return undefined;
  if (pathname === "/health/live") return liveAnswer();
  const now = Date.now();
  const said = state ? seen(state, now) : misconfigured(trouble);
  if (state) ctx.waitUntil(checkWhatIsDue(state, ctx));
  if (pathname === "/health/ready") return readyAnswer(said);
  return healthAnswer(request, said, { version, cache: NO_CACHE_FAILED, now });
}

/** Looks at every node nobody asked lately. Never throws. */
export async function checkWhatIsDue(state: IsolateState, ctx: EventContext): Promise<void> {
  const due = dueChecks(state.database, state.checksInFlight, Date.now());
  if (due.length === 0) return;
  const scope = new RequestScope(state.database, requestOptions(state, ctx, CHECK_DEADLINE_MS));
  await runChecks(scope, due, state.checksInFlight);
  await scope.close();
}

function seen({ database }: IsolateState, now: number): Verdict {
  const nodes = database.nodes.map(({ name, maySleep }) => ({ name, maySleep, evidence: database.evidence(name) }));
  return verdict(nodes, NO_RUNWAY_MS, now);
}
