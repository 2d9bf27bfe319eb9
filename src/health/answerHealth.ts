import { isAdmin } from "../admin/isAdmin.ts";
import { HARD_HORIZON_MS } from "../breaker/constants.ts";
import { ConfigError } from "../config.ts";
import { RequestScope } from "../database/requestScope.ts";
import type { EventContext } from "../eventContext.ts";
import { type IsolateState, requestOptions } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import { healthAnswer, liveAnswer, readyAnswer } from "./answer.ts";
import { dueChecks, runChecks } from "./checks.ts";
import { CHECK_DEADLINE_MS, HEALTH_WAIT_MS } from "./constants.ts";
import { type Health, healthOf } from "./healthOf.ts";
import { misconfigured } from "./verdict.ts";

/** Whether the request is one of `/health`, `/health/live` and `/health/ready`: they never count as traffic. */
export function isHealth({ method }: Request, { pathname }: URL): boolean {
  const isPath = pathname === "/health" || pathname === "/health/live" || pathname === "/health/ready";
  return isPath && (method === "GET" || method === "HEAD");
}

/**
 * Answers them from what the isolate saw and heard. Never asks the database; an isolate that knows nothing yet, or
 * nothing that still counts, waits up to 150 ms for what the others know. `state`: undefined where the configuration is
 * wrong, whose `trouble` is then told.
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
  const health: Health = state ? healthOf(state, now) : { verdict: misconfigured(trouble), cache: true, checks: {} };
  const isDetailed = state ? await showsDetail(state, request) : !(trouble instanceof ConfigError && !trouble.isPublic);
  if (state?.config.mode === "off") ctx.waitUntil(checkWhatIsDue(state, ctx)); // nobody else does
  if (pathname === "/health/ready") return readyAnswer(health.verdict, isDetailed);
  const { cache, checks } = health;
  return healthAnswer(request, health.verdict, { version, cache, checks, isDetailed, now });
}

/** Looks at every node nobody asked lately. Never throws. */
export async function checkWhatIsDue(state: IsolateState, ctx: EventContext): Promise<void> {
  const due = dueChecks(state.database, state.checksInFlight, Date.now());
  if (due.length === 0) return;
  const scope = new RequestScope(state.database, requestOptions(state, ctx, CHECK_DEADLINE_MS));
  await runChecks(scope, due, state.checksInFlight);
  await scope.close();
}

/** A view past the hard horizon is as none: a monitor that asks each five minutes is to be told of now. */
async function hearFirst({ database, exchange }: IsolateState, ctx: EventContext): Promise<void> {
  const { breaker } = database.view;
  if (!exchange || exchange.hasFailed || (breaker && ageOf(breaker, Date.now()) <= HARD_HORIZON_MS)) return;
  await exchange.exchangeNow(HEALTH_WAIT_MS, (work) => ctx.waitUntil(work));
}

async function showsDetail({ config }: IsolateState, request: Request): Promise<boolean> {
  if (config.exposeHealth !== "admin") return config.exposeHealth === "always";
  return isAdmin(request, config.adminTokens);
}
