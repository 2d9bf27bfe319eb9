import type { Ask, Refused } from "../breaker/admission/admission.ts";
import type { Token } from "../replicas/session/token.ts";
import { type Choice, readCandidates } from "./candidates.ts";
import { MAX_RETRIES } from "./constants.ts";
import type { Freshness, ReadOptions, ReadResult, RouteReason } from "./database.ts";
import { attemptMs } from "./deadline.ts";
import { locatePrimary } from "./locatePrimary.ts";
import type { Query } from "./query.ts";
import { readError } from "./readError.ts";
import { isAdmitted, refusedError, refuseWhereNoneAdmits } from "./refuseOpen.ts";
import { type Attempt, isRefused, type RequestScope } from "./requestScope.ts";
import { sessionChoices } from "./sessionChoices.ts";
import { sessionRead } from "./sessionRead.ts";
import type { ResultSet } from "./transport.ts";

/** What the next try shall ask. */
type Plan = (attempt: number) => Promise<Choice | undefined>;

/**
 * One SELECT: first try, then at most two more, each on another node where there is one, only for what another node or
 * moment can mend, within the retry budget and the deadline. A session's read goes on until an answer proves itself.
 * In modes other than `on` every read goes to the primary, once.
 */
export async function read<Row>(
  scope: RequestScope,
  statement: Query<Row>,
  { freshness = scope.session.token ? "session" : "any" }: ReadOptions = {},
): Promise<ReadResult<Row>> {
  refuseWhereNoneAdmits(scope);
  const acts = scope.options.mode === "on";
  const { answer, choice } = acts ? await routed(scope, statement, freshness) : await unrouted(scope, statement);
  const would = scope.options.mode === "observe" && freshness === "any" ? choices(scope)[0]?.node : undefined;
  const route = { ...choice, ageMs: knownForMs(scope), ...(would === undefined ? {} : { would }) };
  scope.routes.push(route);
  scope.state.hasRead(route.node, route.reason);
  return { rows: rowsOf<Row>(answer), route };
}

interface Given {
  readonly answer: ResultSet;
  readonly choice: Choice;
}

/** Where nothing acts all reads are the primary's, which holds what every session wrote. */
function unrouted(scope: RequestScope, statement: Query): Promise<Given> {
  return attempts(scope, statement, primaryOnly(scope, "off"), 0);
}

async function routed(scope: RequestScope, statement: Query, freshness: Freshness): Promise<Given> {
  const { session } = scope;
  const { token } = session;
  if (freshness === "any") return attempts(scope, statement, anyNode(scope), MAX_RETRIES);
  if (token && !scope.state.lacksProofs) {
    const order = freshness === "session" ? sessionNodes(scope, token) : thePrimary(scope);
    const given = await sessionRead(scope, statement, session, token, order);
    if (given) return given;
    scope.state.withoutProofs();
  }
  return attempts(scope, statement, primaryOnly(scope, "strict"), MAX_RETRIES);
}

function anyNode(scope: RequestScope): Plan {
  const ordered = choices(scope);
  return async (attempt) => ordered[attempt % ordered.length];
}

function sessionNodes(scope: RequestScope, token: Token): (turn: number) => Promise<Choice[]> {
  const lags = (node: string) => scope.state.laggards.has(node, scope.options.now());
  return async (turn) => sessionChoices(choices(scope), token, lags, turn);
}

function thePrimary(scope: RequestScope): (turn: number) => Promise<Choice[]> {
  return async (turn) => [{ node: (await locatePrimary(scope, turn > 0)).node, reason: "strict" }];
}

function choices(scope: RequestScope): Choice[] {
  const { state, options } = scope;
  const admitted = state.candidates(options.now()).filter(({ name }) => isAdmitted(scope, name));
  return readCandidates(admitted, state.preferred, options.now(), options.random());
}

function primaryOnly(scope: RequestScope, reason: RouteReason): Plan {
  return async (attempt) => {
    const { node } = await locatePrimary(scope, attempt > 0);
    return { node, reason };
  };
}

async function attempts(scope: RequestScope, statement: Query, plan: Plan, maxRetries: number): Promise<Given> {
  const { state, options } = scope;
  state.gates.countTry(options.now());
  let last: (Attempt<ResultSet> & { ok: false }) | undefined;
  let refused: Refused | undefined;
  for (let attempt = 0; attempt <= maxRetries; attempt++) {
    if (last && !state.gates.mayRetry(options.now())) break;
    const choice = await plan(attempt);
    const ms = attemptMs(options.deadline, options.now(), attempt, attempt === maxRetries);
    if (!choice || ms === 0) break;
    const answer = await scope.query(choice.node, statement, ms, "read", askOf(choice, last !== undefined));
    if (isRefused(answer)) {
      refused = answer;
      const isForAnyNode = choice.reason === "any" || choice.reason === "spill";
      if (answer.reason === "budget" || !isForAnyNode) break;
      continue;
    }
    refused = undefined;
    if (answer.ok) {
      if (choice.reason === "any") state.preferred = choice.node;
      const reason: RouteReason = attempt > 0 && choice.reason === "any" ? "retry" : choice.reason;
      return { answer: answer.value, choice: { node: choice.node, reason } };
    }
    last = answer;
    if (state.preferred === choice.node) state.preferred = undefined;
    if (!isWorthAnother(answer)) break;
  }
  if (refused && refused.reason !== "budget") throw refusedError(scope, refused);
  if (!last) state.instruments.refusal("deadline");
  throw readError(last, statement.name);
}

function askOf({ reason }: Choice, hasFailed: boolean): Ask {
  if (hasFailed) return "retry";
  return reason === "spill" ? "spill" : "first";
}

/** Infrastructure, slowness and conflicts may be the node's; a role or configuration trouble is this node's alone. */
function isWorthAnother({ judgement }: Attempt<ResultSet> & { ok: false }): boolean {
  return judgement.class !== "caller" && judgement.class !== "abort";
}

/** How old our knowledge of the map is. */
function knownForMs(scope: RequestScope): number {
  const { askedAt } = scope.state.topology;
  return askedAt === undefined ? 0 : Math.max(0, scope.options.now() - askedAt);
}

function rowsOf<Row>({ columns, rows }: ResultSet): Row[] {
  // The query's author named the columns; the query tests compare `Row` with what Postgres describes.
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])) as Row);
}
