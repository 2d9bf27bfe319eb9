import type { Ask, Refused } from "../breaker/admission/admission.ts";
import { type Broken, type Judgement, judgeRead } from "../replicas/session/judgeRead.ts";
import type { Proof } from "../replicas/session/proof.ts";
import type { Token } from "../replicas/session/token.ts";
import type { Given } from "./attempts.ts";
import type { Choice } from "./candidates.ts";
import {
  ASKED_AGAIN_AFTER_TURNS,
  MAX_RETRIES,
  MIN_ATTEMPT_MS,
  PROOF_PAUSE_MAX_MS,
  PROOF_PAUSE_MS,
} from "./constants.ts";
import { attemptMs, remainingMs } from "./deadline.ts";
import { DatabaseError } from "./errors.ts";
import { hedgedQuery, type Tried } from "./hedgedQuery.ts";
import { isRecoveryConflict } from "./isRecoveryConflict.ts";
import { isSchemaMissing } from "./locatePrimary.ts";
import { hedgeFor } from "./plan.ts";
import { provable, proven } from "./provable.ts";
import type { Query } from "./query.ts";
import { readError } from "./readError.ts";
import { refusedError, spillRefusedError } from "./refuseOpen.ts";
import type { Attempt, RequestScope } from "./requestScope.ts";
import type { Session } from "./session.ts";
import type { ResultSet } from "./transport.ts";

interface Doubtful extends Given {
  readonly proof: Proof;
  readonly broken: Broken;
}

/** One read on its way to an answer. */
interface Climb {
  readonly scope: RequestScope;
  readonly wrapped: Query;
  readonly session: Session;
  readonly token: Token;
}

/** Whose read it is, and whom to ask in each turn. */
interface Owed {
  readonly session: Session;
  /** What the session is owed. */
  readonly token: Token;
  readonly choices: (turn: number) => Promise<readonly Choice[]>;
  /** The answer will be shared: it is to say which of these marks it holds. */
  readonly bumps?: readonly string[] | undefined;
}

/** What a climb met so far. */
interface Met {
  failures: number;
  /** The next try is one of those that the retry budget bounds: the last one failed. To ask again who has to catch up is none. */
  isRetry: boolean;
  /** Who failed it, in which turn and how often: asked last, and once more at most while others have to catch up. */
  readonly failedBy: Map<string, { readonly turn: number; readonly times: number; readonly isWell: boolean }>;
  turn: number;
  failed: (Attempt<ResultSet> & { ok: false }) | undefined;
  refused: Refused | undefined;
  /** The primary may not be asked in place of the replicas: so many are already. */
  isSpillRefused: boolean;
  doubtful: Doubtful | undefined;
  /** Whether anybody was asked in this turn: where not, another turn would find the same, and not let the clock go on. */
  hasAsked: boolean;
  /** Nodes that answered in this turn and could not prove it. */
  unproven: string[];
  /** Whether any ever did. */
  isUnproven: boolean;
}

/**
 * A read that keeps what was promised to the session: its own node, then the others, and after a short wait all of them
 * and the primary, until an answer proves itself or the time is over.
 * Undefined: the nodes lack the schema that proofs need. Throws `DatabaseError`.
 */
export async function sessionRead(
  scope: RequestScope,
  statement: Query,
  { session, token, choices, bumps }: Owed,
): Promise<Given | undefined> {
  const { state, options } = scope;
  const climb: Climb = { scope, wrapped: provable(statement, token, bumps), session, token };
  const met: Met = {
    failures: 0,
    isRetry: false,
    failedBy: new Map(),
    turn: 0,
    failed: undefined,
    refused: undefined,
    isSpillRefused: false,
    doubtful: undefined,
    hasAsked: false,
    unproven: [],
    isUnproven: false,
  };
  state.gates.countTry(options.now());
  let pauseMs = PROOF_PAUSE_MS;
  for (let turn = 0; ; turn++) {
    met.turn = turn;
    const given = await round(climb, await choices(turn), met);
    // Who lacked it after a wait, or while another had it, will lack it for a while.
    if (turn > 0 || given !== "none") for (const node of met.unproven) state.laggards.lacked(node, options.now());
    if (given !== "none") return given;
    // After one more look what could not be proven is given all the same: better than nothing, and it is said.
    if (met.doubtful && turn > 0) break;
    if (met.unproven.length > 0) {
      if (remainingMs(options.deadline, options.now()) < pauseMs + MIN_ATTEMPT_MS) break;
      await pause(pauseMs);
      pauseMs = Math.min(2 * pauseMs, PROOF_PAUSE_MAX_MS);
    } else if (turn > 0 && !(met.hasAsked && mayGoOn(scope, met))) break;
  }
  if (met.doubtful) return give(session, met.doubtful);
  if (met.isSpillRefused) throw spillRefusedError(scope);
  if (met.isUnproven) {
    state.instruments.refusal("unproven");
    const sentence = "No node could prove that it holds what this session wrote and saw.";
    throw new DatabaseError("unavailable", sentence, { query: statement.name, retryAfterMs: 1_000 });
  }
  if (met.refused && met.refused.reason !== "budget") throw refusedError(scope, met.refused);
  if (!met.failed) state.instruments.refusal("deadline");
  throw readError(met.failed, statement.name);
}

/** Each choice once. `none`: nobody could prove it. */
async function round(climb: Climb, choices: readonly Choice[], met: Met): Promise<Given | undefined | "none"> {
  const { scope, wrapped } = climb;
  const { gates } = scope.state;
  const { options } = scope;
  const asked = new Set<string>();
  met.hasAsked = false;
  met.unproven = [];
  // Who failed it is asked again after everybody else: a node whose recovery cancelled it is well, and first in order still.
  const inOrder = [
    ...choices.filter(({ node }) => !met.failedBy.has(node)),
    ...choices.filter(({ node }) => met.failedBy.has(node)),
  ];
  for (const [index, choice] of inOrder.entries()) {
    if (asked.has(choice.node) || isPassedOver(met, choice.node)) continue;
    if (met.failures > MAX_RETRIES || (met.isRetry && !gates.mayRetry(options.now()))) break;
    const isLastTry = met.failures === MAX_RETRIES && !met.failedBy.has(choice.node);
    const ms = attemptMs(options.deadline, options.now(), met.failures, isLastTry);
    if (ms === 0) break;
    const ask = askOf(choice, met);
    const isFirst = met.failures === 0 && !met.isUnproven;
    const hedge = isFirst ? hedgeFor(inOrder, index) : undefined;
    const accepts = (answer: ResultSet, node: string) => judged(climb, answer, node).judgement.kind === "good";
    const tried = await hedgedQuery(scope, wrapped, { choice, ms, ask, hedge, accepts });
    if ("kind" in tried) {
      met.refused = tried;
      met.isSpillRefused ||= tried.reason === "budget" && ask === "spill";
      continue;
    }
    met.hasAsked = true;
    if (met.isRetry && ask === "spill") gates.countRetry(options.now());
    for (const each of tried) {
      asked.add(each.choice.node);
      const said = hear(climb, each, met);
      if (said !== "none") return said;
    }
  }
  return "none";
}

/** Once more it is asked, after a pause or two: it may be the only one that holds what the session wrote. */
function isPassedOver({ failedBy, isUnproven, turn }: Met, node: string): boolean {
  const failed = failedBy.get(node);
  if (!failed || failed.isWell || !isUnproven) return false;
  return failed.times > 1 || turn - failed.turn < ASKED_AGAIN_AFTER_TURNS;
}

/** Takes in how one attempt ended. */
function hear(climb: Climb, { choice, attempt }: Tried, met: Met): Given | undefined | "none" {
  const { scope, wrapped, session, token } = climb;
  const { state } = scope;
  if (!attempt.ok) {
    if (isSchemaMissing(attempt.failure)) return undefined;
    const { class: failure } = attempt.judgement;
    if (failure === "caller" || failure === "abort") throw readError(attempt, wrapped.name);
    met.failed = attempt;
    met.isRetry = !isRecoveryConflict(scope, { choice, attempt });
    const { times = 0 } = met.failedBy.get(choice.node) ?? {};
    const isOnceMore = times > 0 && met.isUnproven && met.isRetry;
    if (!isOnceMore) met.failures++;
    met.failedBy.set(choice.node, { turn: met.turn, times: times + 1, isWell: !met.isRetry });
    return "none";
  }
  met.isRetry = false;
  const { answer, proof, fill, judgement: judgedAs, isStandby } = judged(climb, attempt.value, choice.node);
  // Whoever was to be the primary is a standby now: the map is old, and such an answer may be.
  const isDeposed = isStandby && choice.reason === "strict";
  if (isDeposed) state.ledger.roleChanged(scope.options.now());
  const judgement: Judgement = isDeposed ? { kind: "elsewhere", why: "may-be-earlier" } : judgedAs;
  if (judgement.kind === "good") {
    if (token.marks.length > 0) state.laggards.had(choice.node);
    return give(session, { answer, choice, proof, fill, broken: judgement.broken }, met.failures > 0);
  }
  if (judgement.kind === "elsewhere") {
    if (judgement.why === "not-installed") return undefined;
    state.instruments.unproven(judgement.why);
  } else {
    met.doubtful = { answer, choice, proof, fill, broken: judgement.broken };
  }
  met.isUnproven = true;
  met.unproven.push(choice.node);
  return "none";
}

/** The answer with what it proves to this session. */
function judged({ scope, wrapped, token }: Climb, value: ResultSet, node: string) {
  const said = proven(value, token);
  if (!said) throw new DatabaseError("query", `${wrapped.name} was answered without its proof.`);
  const proof = { ...said.proof, isPrimary: said.proof.isPrimary && mayBePrimary(scope, node) };
  const { answer } = said;
  const isPrimary = said.proof.isPrimary && scope.state.topology.primary === node;
  const fill = said.fill && { ...said.fill, isPrimary };
  return { answer, fill, proof, judgement: judgeRead(token, proof), isStandby: !said.proof.isPrimary };
}

/** What takes writes and is not called the primary was just promoted, or is a rival: it has no last word on what is lost. */
function mayBePrimary({ state }: RequestScope, node: string): boolean {
  const { askedAt, primary } = state.topology;
  return askedAt === undefined || primary === node;
}

/** Whether a failure may be answered by another try. */
function mayGoOn({ state, options }: RequestScope, { failed, failures, isRetry }: Met): boolean {
  return failed !== undefined && failures <= MAX_RETRIES && (!isRetry || state.gates.mayRetry(options.now()));
}

function give(session: Session, { answer, choice, proof, fill, broken }: Doubtful, hasFailed = false): Given {
  session.read(choice.node, proof, broken);
  const isRetry = hasFailed && (choice.reason === "session" || choice.reason === "moved");
  return { answer, fill, choice: isRetry ? { ...choice, reason: "retry" } : choice };
}

function askOf({ spills }: Choice, { isRetry }: Met): Ask {
  if (spills) return "spill";
  return isRetry ? "retry" : "first";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
