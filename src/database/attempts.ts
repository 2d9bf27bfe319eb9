import type { Ask, Refused } from "../breaker/admission/admission.ts";
import type { FillFacts } from "../cache/fillFacts.ts";
import type { Choice } from "./candidates.ts";
import { attemptMs } from "./deadline.ts";
import { hedgedQuery, type Tried } from "./hedgedQuery.ts";
import { isRecoveryConflict } from "./isRecoveryConflict.ts";
import type { Plan } from "./plan.ts";
import type { Query } from "./query.ts";
import { readError } from "./readError.ts";
import { refusedError, spillRefusedError } from "./refuseOpen.ts";
import type { Attempt, RequestScope } from "./requestScope.ts";
import type { ResultSet } from "./transport.ts";

/** An answer, and where it came from. */
export interface Given {
  readonly answer: ResultSet;
  readonly choice: Choice;
  readonly fill?: FillFacts | undefined;
}

/** What came of the tries so far. */
interface Came {
  failures: number;
  last: (Attempt<ResultSet> & { ok: false }) | undefined;
  /** Another try is one of those that the retry budget bounds. */
  isRetry: boolean;
  refused: Refused | undefined;
  /** The primary may not be asked in place of the replicas: so many are already. */
  isSpillRefused: boolean;
}

/**
 * One statement along a plan: a try, beside the first of them at times another, then more of them within the retry budget
 * and the deadline, only for what another node or moment can mend. Throws `DatabaseError`.
 */
export async function attempts(scope: RequestScope, statement: Query, plan: Plan): Promise<Given> {
  const { state, options } = scope;
  const { maxRetries } = plan;
  const came: Came = { failures: 0, last: undefined, isRetry: false, refused: undefined, isSpillRefused: false };
  state.gates.countTry(options.now());
  for (let turn = 0; turn < plan.turns && came.failures <= maxRetries; turn++) {
    if (came.isRetry && !state.gates.mayRetry(options.now())) break;
    const choice = await plan.choose(turn);
    const ms = attemptMs(options.deadline, options.now(), came.failures, came.failures === maxRetries);
    if (!choice || ms === 0) break;
    const ask = askOf(choice, came.isRetry);
    const hedge = turn === 0 ? plan.hedge : undefined;
    const tried = await hedgedQuery(scope, statement, { choice, ms, ask, hedge, accepts: () => true });
    if (isRefusal(tried)) {
      if (mayAskNext(came, tried, choice) && !plan.isAlone) continue;
      break;
    }
    came.refused = undefined;
    if (came.isRetry && ask === "spill") state.gates.countRetry(options.now());
    const given = hear(scope, came, tried);
    if (given) return given;
    if (came.last && !isWorthAnother(came.last)) break;
    turn += tried.length - 1;
  }
  throw errorOf(scope, statement, came);
}

function hear(scope: RequestScope, came: Came, tried: readonly Tried[]): Given | undefined {
  came.isRetry = tried.some((each) => !isRecoveryConflict(scope, each));
  for (const { choice, attempt } of tried) {
    if (attempt.ok) {
      const isRetry = came.failures > 0 && choice.reason === "any";
      return { answer: attempt.value, choice: isRetry ? { ...choice, reason: "retry" } : choice };
    }
    came.failures++;
    came.last = attempt;
  }
  return undefined;
}

/** What is refused at one node may be admitted at the next, where any would do. */
function mayAskNext(came: Came, refused: Refused, { reason, spills }: Choice): boolean {
  came.refused = refused;
  if (spills && refused.reason === "budget") came.isSpillRefused = true;
  else if (refused.reason === "budget") return false;
  return reason !== "bounded" || !spills;
}

function errorOf(scope: RequestScope, { name }: Query, { last, refused, isSpillRefused }: Came): Error {
  if (isSpillRefused) return spillRefusedError(scope);
  if (refused && refused.reason !== "budget") return refusedError(scope, refused);
  if (!last) scope.state.instruments.refusal("deadline");
  return readError(last, name);
}

function askOf({ spills }: Choice, isRetry: boolean): Ask {
  if (spills) return "spill";
  return isRetry ? "retry" : "first";
}

/** Infrastructure, slowness and conflicts may be the node's; a role or configuration trouble is this node's alone. */
function isWorthAnother({ judgement }: Attempt<ResultSet> & { ok: false }): boolean {
  return judgement.class !== "caller" && judgement.class !== "abort";
}

function isRefusal(tried: readonly Tried[] | Refused): tried is Refused {
  return "kind" in tried;
}
