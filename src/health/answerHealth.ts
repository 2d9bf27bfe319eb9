import { admits } from "../breaker/effective.ts";
import { RequestScope } from "../database/requestScope.ts";
import type { EventContext } from "../eventContext.ts";
import { type IsolateState, requestOptions } from "../isolate.ts";
import { healthAnswer, liveAnswer, readyAnswer } from "./answer.ts";
import { dueChecks, runChecks } from "./checks.ts";
import { CHECK_DEADLINE_MS, HEALTH_WAIT_MS } from "./constants.ts";
import { misconfigured, type Verdict, verdict } from "./verdict.ts";

/** There is no cache yet that could answer without the database, nor one that could fail. */
const NO_RUNWAY_MS = 0;
const NO_CACHE_FAILED = true;

/** Whether the request is one of `/health`, `/health/live` and `/health/ready`: they never count as traffic. */
export function isHealth({ method }: Request, { pathname }: URL): boolean {
  const isPath = pathname === "/health" || pathname === "/health/live" || pathname === "/health/ready";
  return isPath && (method === "GET" || method === "HEAD");
}

/**
 * Answers them from what the isolate saw and heard. Never asks the database; an isolate that knows nothing yet waits up
 * to 150 ms for what the others know. `state`: undefined where the configuration is wrong, whose `trouble` is then told.
 */
export async function answerHealth(
  request: Request,
  { pathname }: URL,
  state: IsolateState | undefined,
  trouble: unknown,
  version: string,
  ctx: EventContext,
): Promise<Response> {
  if (pathname === "/health/live") return liveAnswer();
  if (state) await hearFirst(state, ctx);
  const now = Date.now();
  const said = state ? seen(state, now) : misconfigured(trouble);
  if (state?.config.mode === "off") ctx.waitUntil(checkWhatIsDue(state, ctx)); // nobody else does
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

async function hearFirst({ database, exchange }: IsolateState, ctx: EventContext): Promise<void> {
  if (!exchange || exchange.hasFailed || database.view.breaker) return;
  await exchange.exchangeNow(HEALTH_WAIT_MS, (work) => ctx.waitUntil(work));
}

/** The verdict on what this isolate saw and heard. */
export function seen({ database }: IsolateState, now: number): Verdict {
  const nodes = database.nodes.map(({ name, maySleep }) => ({
    name,
    maySleep,
    evidence: database.joinedEvidence(name, now),
    isOpen: !admits(database.breakers.effective(name, now)),
  }));
  return verdict(nodes, NO_RUNWAY_MS, now);
}
