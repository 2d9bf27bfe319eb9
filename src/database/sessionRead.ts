import type { Ask, Refused } from "../breaker/admission/admission.ts";
import { type Broken, judgeRead } from "../replicas/session/judgeRead.ts";
import type { Proof } from "../replicas/session/proof.ts";
import type { Token } from "../replicas/session/token.ts";
import type { Choice } from "./candidates.ts";
import { MAX_RETRIES, MIN_ATTEMPT_MS, PROOF_PAUSE_MAX_MS, PROOF_PAUSE_MS } from "./constants.ts";
import { attemptMs, remainingMs } from "./deadline.ts";
import { DatabaseError } from "./errors.ts";
import { isSchemaMissing } from "./locatePrimary.ts";
import { provable, proven } from "./provable.ts";
import type { Query } from "./query.ts";
import { readError } from "./readError.ts";
import { refusedError } from "./refuseOpen.ts";
import { type Attempt, isRefused, type RequestScope } from "./requestScope.ts";
import type { Session } from "./session.ts";
import type { ResultSet } from "./transport.ts";

/** An answer that the session may be given. */
interface Given {
  readonly answer: ResultSet;
  readonly choice: Choice;
}

interface Doubtful extends Given {
  readonly proof: Proof;
  readonly broken: Broken;
}

/** What a climb met so far. */
interface Met {
  failures: number;
  /** The last attempt failed: the next one is a retry. Whoever has to catch up is asked again without one. */
  hasJustFailed: boolean;
  /** Who failed it: not asked again while others answer, and only have to catch up. */
  readonly dead: Set<string>;
  failed: (Attempt<ResultSet> & { ok: false }) | undefined;
  refused: Refused | undefined;
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
 * and the primary, until an answer proves itself or the time is over. `choices` gives whom to ask in each turn.
 * Undefined: the nodes lack the schema that proofs need. Throws `DatabaseError`.
 */
export async function sessionRead(
  scope: RequestScope,
  statement: Query,
  session: Session,
  token: Token,
  choices: (round: number) => Promise<readonly Choice[]>,
): Promise<Given | undefined> {
  const { state, options } = scope;
  const wrapped = provable(statement, token);
  const met: Met = {
    failures: 0,
    hasJustFailed: false,
    dead: new Set(),
    failed: undefined,
    refused: undefined,
    doubtful: undefined,
    hasAsked: false,
    unproven: [],
    isUnproven: false,
  };
  state.gates.countTry(options.now());
  let pauseMs = PROOF_PAUSE_MS;
  for (let turn = 0; ; turn++) {
    const given = await round(scope, wrapped, session, token, await choices(turn), met);
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
async function round(
  scope: RequestScope,
  wrapped: Query,
  session: Session,
  token: Token,
  choices: readonly Choice[],
  met: Met,
): Promise<Given | undefined | "none"> {
  const { state, options } = scope;
  met.hasAsked = false;
  met.unproven = [];
  for (const choice of choices) {
    if (met.isUnproven && met.dead.has(choice.node)) continue;
    const isLast = met.failures >= MAX_RETRIES;
    if (met.failures > MAX_RETRIES || (met.hasJustFailed && !state.gates.mayRetry(options.now()))) break;
    const ms = attemptMs(options.deadline, options.now(), met.failures, isLast);
    if (ms === 0) break;
    const attempt = await scope.query(choice.node, wrapped, ms, "read", askOf(choice, met));
    if (isRefused(attempt)) {
      met.refused = attempt;
      continue;
    }
    met.hasAsked = true;
    if (!attempt.ok) {
      if (isSchemaMissing(attempt.failure.sqlstate)) return undefined;
      const { class: failure } = attempt.judgement;
      if (failure === "caller" || failure === "abort") throw readError(attempt, wrapped.name);
      met.failed = attempt;
      met.failures++;
      met.hasJustFailed = true;
      met.dead.add(choice.node);
      if (isLast) break;
      continue;
    }
    met.hasJustFailed = false;
    const said = proven(attempt.value);
    if (!said) throw new DatabaseError("query", `${wrapped.name} was answered without its proof.`);
    const proof = { ...said.proof, isPrimary: said.proof.isPrimary && mayBePrimary(scope, choice.node) };
    const judgement = judgeRead(token, proof);
    if (judgement.kind === "elsewhere") {
      if (judgement.why === "not-installed") return undefined;
      met.isUnproven = true;
      met.unproven.push(choice.node);
      state.instruments.unproven(judgement.why);
      continue;
    }
    const answer: Doubtful = { answer: said.answer, choice, proof, broken: judgement.broken };
    if (judgement.kind === "good") {
      if (token.marks.length > 0) state.laggards.had(choice.node);
      return give(session, answer, met.failures > 0);
    }
    met.isUnproven = true;
    met.unproven.push(choice.node);
    met.doubtful = answer;
  }
  return "none";
}

/** What takes writes and is not called the primary was just promoted, or is a rival: it has no last word on what is lost. */
function mayBePrimary({ state }: RequestScope, node: string): boolean {
  const { askedAt, primary } = state.topology;
  return askedAt === undefined || primary === node;
}

/** Whether a failure may be answered by another try. */
function mayGoOn({ state, options }: RequestScope, { failed, failures }: Met): boolean {
  return failed !== undefined && failures <= MAX_RETRIES && state.gates.mayRetry(options.now());
}

function give(session: Session, { answer, choice, proof, broken }: Doubtful, hasFailed = false): Given {
  session.read(choice.node, proof, broken);
  const isRetry = hasFailed && (choice.reason === "session" || choice.reason === "moved");
  return { answer, choice: isRetry ? { ...choice, reason: "retry" } : choice };
}

function askOf({ reason }: Choice, { hasJustFailed }: Met): Ask {
  if (reason === "spill") return "spill";
  return hasJustFailed ? "retry" : "first";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
