import type { Ask, Refused } from "../breaker/admission/admission.ts";
import { type Choice, readCandidates } from "./candidates.ts";
import { MAX_RETRIES } from "./constants.ts";
import type { ReadOptions, ReadResult, RouteReason } from "./database.ts";
import { attemptMs } from "./deadline.ts";
import { DatabaseError } from "./errors.ts";
import { locatePrimary } from "./locatePrimary.ts";
import type { Query } from "./query.ts";
import { isAdmitted, refusedError, refuseWhereNoneAdmits } from "./refuseOpen.ts";
import { type Attempt, isRefused, type RequestScope } from "./requestScope.ts";
import type { ResultSet } from "./transport.ts";

/** What the next try shall ask. */
type Plan = (attempt: number) => Promise<Choice | undefined>;

/**
 * One SELECT: first try, then at most two more, each on another node where there is one, only for what another node or
 * moment can mend, within the retry budget and the deadline. Anything but `on` goes to the primary, once.
 */
export async function read<Row>(
  scope: RequestScope,
  statement: Query<Row>,
  { freshness = "any" }: ReadOptions = {},
): Promise<ReadResult<Row>> {
  refuseWhereNoneAdmits(scope);
  const acts = scope.options.mode === "on";
  const plan = acts && freshness === "any" ? anyNode(scope) : primaryOnly(scope, acts ? "strict" : "off");
  const { answer, choice } = await attempts(scope, statement, plan, acts ? MAX_RETRIES : 0);
  const would = scope.options.mode === "observe" && freshness === "any" ? choices(scope)[0]?.node : undefined;
  const route = { ...choice, ageMs: knownForMs(scope), ...(would === undefined ? {} : { would }) };
  scope.routes.push(route);
  scope.state.hasRead(route.node, route.reason);
  return { rows: rowsOf<Row>(answer), route };
}

function anyNode(scope: RequestScope): Plan {
  const ordered = choices(scope);
  return async (attempt) => ordered[attempt % ordered.length];
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

async function attempts(scope: RequestScope, statement: Query, plan: Plan, maxRetries: number) {
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

function readError(last: (Attempt<ResultSet> & { ok: false }) | undefined, query: string): DatabaseError {
  if (!last) return new DatabaseError("deadline", "No time was left to ask the database.", { query });
  const details = { query, cause: last.failure };
  switch (last.judgement.class) {
    case "caller":
      return new DatabaseError("query", `The query ${query} was refused: ${last.failure.message}`, details);
    case "configuration":
      return new DatabaseError("configuration", `A node refuses our credentials or database name.`, details);
    case "slow":
    case "abort":
      return new DatabaseError("deadline", `No node answered ${query} in time.`, { ...details, retryAfterMs: 1_000 });
    case "infrastructure":
    case "conflict":
    case "role":
      return new DatabaseError("unavailable", `No node could answer ${query}.`, { ...details, retryAfterMs: 1_000 });
    default:
      return last.judgement.class satisfies never;
  }
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
