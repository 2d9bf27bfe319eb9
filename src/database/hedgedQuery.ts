import type { Ask, Refused } from "../breaker/admission/admission.ts";
import { HEDGE_WELL_TIMES } from "../replicas/constants.ts";
import { type Choice, isUsable } from "./candidates.ts";
import { attemptMs } from "./deadline.ts";
import type { Query } from "./query.ts";
import { type Attempt, isRefused, type RequestScope } from "./requestScope.ts";
import type { ResultSet } from "./transport.ts";

/** An attempt that ended, and where. */
export interface Tried {
  readonly choice: Choice;
  readonly attempt: Attempt<ResultSet>;
}

/** A read's first try. `ms`: what it may take. */
interface First {
  readonly choice: Choice;
  readonly ms: number;
  readonly ask: Ask;
  /** Who may be asked beside it; undefined: nobody. */
  readonly hedge: Choice | undefined;
  /** Whether an answer of the node is one to give. */
  readonly accepts: (answer: ResultSet, node: string) => boolean;
}

/** One of two that race. */
interface Runner {
  readonly choice: Choice;
  readonly attempt: Promise<Attempt<ResultSet> | Refused>;
  readonly lost: AbortController;
}

/**
 * One statement on one node; where that is later than nearly all its answers are, on another one too. The first answer
 * that is accepted ends both, and the other node is not blamed for it. What came to an end is returned in that order,
 * what was accepted last; a refusal where nothing was sent.
 */
export async function hedgedQuery(
  scope: RequestScope,
  statement: Query,
  { choice, ms, ask, hedge, accepts }: First,
): Promise<readonly Tried[] | Refused> {
  const { queryTimes, hedgeWorth } = scope.state;
  const isWorth = hedge !== undefined && hedgeWorth.isWorth(scope.options.now());
  const lateAfterMs = isWorth ? queryTimes.lateAfterMs(statement.name) : undefined;
  if (!hedge || lateAfterMs === undefined || lateAfterMs >= ms) {
    return alone({ choice, attempt: scope.query(choice.node, statement, ms, { ask }) });
  }
  const first = start(scope, statement, choice, ms, ask);
  if (await endsWithin(first, lateAfterMs)) return alone(first);
  const second = startSecond(scope, statement, hedge, lateAfterMs);
  if (!second) return alone(first);
  return race(scope, [first, second], accepts);
}

function start(scope: RequestScope, statement: Query, choice: Choice, ms: number, ask: Ask): Runner {
  const lost = new AbortController();
  return { choice, lost, attempt: scope.query(choice.node, statement, ms, { ask, lost: lost.signal }) };
}

async function alone({ choice, attempt }: Pick<Runner, "choice" | "attempt">): Promise<readonly Tried[] | Refused> {
  const ended = await attempt;
  return isRefused(ended) ? ended : [{ choice, attempt: ended }];
}

/**
 * Never where the database as a whole is slow, and a second question would only add to that: the other node is well and
 * expected to answer soon, and such questions were of use lately.
 */
function startSecond(scope: RequestScope, statement: Query, choice: Choice, waitedMs: number): Runner | undefined {
  const { state, options } = scope;
  const now = options.now();
  const other = state.candidates(now).find(({ name }) => name === choice.node);
  // It owes an answer for as long itself: the machine stands still, or the whole database does.
  if (!other || !isUsable(other, now) || other.silentMs >= waitedMs) return undefined;
  if (state.latencies.score(choice.node, 0, now) > HEDGE_WELL_TIMES * waitedMs) return undefined;
  if (!state.hedgeWorth.isWorth(now) || scope.admission(choice.node, "hedge").kind === "refused") return undefined;
  const ms = attemptMs(options.deadline, now, 1, false);
  return ms === 0 ? undefined : start(scope, statement, { ...choice, reason: "hedge" }, ms, "hedge");
}

async function race(
  scope: RequestScope,
  [first, second]: readonly [Runner, Runner],
  accepts: First["accepts"],
): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  const ended = await Promise.race([endOf(first), endOf(second)]);
  tried.push(...ended.tried);
  const other = ended.runner === first ? second : first;
  const isOver = ended.tried.some(({ choice, attempt }) => isFinal(attempt, choice.node, accepts));
  if (isOver) {
    other.lost.abort();
    scope.options.waitUntil(other.attempt);
  } else {
    tried.push(...(await endOf(other)).tried);
  }
  scope.state.hedgeWorth.ended(isOver && ended.runner === second, scope.options.now());
  return tried;
}

async function endOf(runner: Runner): Promise<{ runner: Runner; tried: readonly Tried[] }> {
  const ended = await alone(runner);
  return { runner, tried: "kind" in ended ? [] : ended };
}

/** Whether nothing that the other says would matter: an answer to give, or a mistake in the question itself. */
function isFinal(attempt: Attempt<ResultSet>, node: string, accepts: First["accepts"]): boolean {
  if (attempt.ok) return accepts(attempt.value, node);
  return attempt.judgement.class === "caller" || attempt.judgement.class === "abort";
}

/** Whether it ends within that time, well or not. */
async function endsWithin({ attempt }: Runner, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([attempt.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
