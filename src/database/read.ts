import { EMPTY_TOKEN, type Token } from "../replicas/session/token.ts";
import { attempts, type Given } from "./attempts.ts";
import type { Choice } from "./candidates.ts";
import type { Freshness, ReadOptions, ReadResult } from "./database.ts";
import { locatePrimary } from "./locatePrimary.ts";
import { anyNode, choices, inOrder, nodesWithin, primaryFirst, primaryOnly } from "./plan.ts";
import type { Query } from "./query.ts";
import { refuseWhereNoneAdmits } from "./refuseOpen.ts";
import type { RequestScope } from "./requestScope.ts";
import { Session } from "./session.ts";
import { sessionChoices } from "./sessionChoices.ts";
import { sessionRead } from "./sessionRead.ts";
import type { ResultSet } from "./transport.ts";

/**
 * One SELECT: first try, then at most two more, each on another node where there is one, only for what another node or
 * moment can mend, within the retry budget and the deadline. A session's read goes on until an answer proves itself.
 * In modes other than `on` every read goes to the primary, once.
 */
export async function read<Row>(
  scope: RequestScope,
  statement: Query<Row>,
  { freshness = scope.session.token ? "session" : "any", unseen = false, bumps }: ReadOptions = {},
): Promise<ReadResult<Row>> {
  refuseWhereNoneAdmits(scope);
  const acts = scope.options.mode === "on";
  const filled = bumps && !scope.state.lacksFills ? await filling(scope, statement, freshness, bumps) : undefined;
  if (bumps && !filled) scope.state.withoutFills();
  const given = filled ?? (acts ? await routed(scope, statement, freshness, unseen) : await unrouted(scope, statement));
  const { answer, choice, fill } = given;
  const would = scope.options.mode === "observe" && freshness === "any" ? choices(scope)[0]?.node : undefined;
  const { node, reason } = choice;
  const route = { node, reason, ageMs: knownForMs(scope), ...(would === undefined ? {} : { would }) };
  scope.routes.push(route);
  scope.state.hasRead(node, reason);
  return { rows: rowsOf<Row>(answer), route, fill };
}

/** Where nothing acts all reads are the primary's, which holds what every session wrote. */
function unrouted(scope: RequestScope, statement: Query): Promise<Given> {
  return attempts(scope, statement, primaryOnly(scope, "off", 0));
}

/** A read whose answer will be shared: it proves to others what a session's proves to itself. */
function filling(
  scope: RequestScope,
  statement: Query,
  freshness: Freshness,
  bumps: readonly string[],
): Promise<Given | undefined> {
  const { session } = scope;
  const acts = scope.options.mode === "on";
  if (acts && (freshness === "session" || freshness === "newest") && session.token) {
    const { token } = session;
    return sessionRead(scope, statement, { session, token, choices: orderOf(scope, token, freshness), bumps });
  }
  const choicesOf = () => {
    if (!acts) return thePrimary(scope, "off");
    return freshness === "strict" ? thePrimary(scope, "strict") : async () => choices(scope);
  };
  return sessionRead(scope, statement, { session: new Session(), token: EMPTY_TOKEN, choices: choicesOf(), bumps });
}

async function routed(scope: RequestScope, statement: Query, freshness: Freshness, unseen: boolean): Promise<Given> {
  const { token } = scope.session;
  if (freshness === "any") return attempts(scope, statement, anyNode(scope));
  if (typeof freshness === "object") return bounded(scope, statement, freshness.boundedMs);
  if (token && !scope.state.lacksProofs) {
    const owed = unseen ? { ...token, seen: null } : token;
    const session = unseen ? new Session(owed) : scope.session;
    const given = await sessionRead(scope, statement, {
      session,
      token: owed,
      choices: orderOf(scope, token, freshness),
    });
    if (given) return given;
    scope.state.withoutProofs();
  }
  if (freshness === "newest") return attempts(scope, statement, inOrder(await primaryFirst(scope, choices(scope))));
  return attempts(scope, statement, primaryOnly(scope, "strict"));
}

/** Whom a session's read asks in each turn. */
function orderOf(scope: RequestScope, token: Token, freshness: "strict" | "newest" | "session") {
  if (freshness === "strict") return thePrimary(scope, "strict");
  const ofSession = sessionNodes(scope, token);
  if (freshness === "session") return ofSession;
  return async (turn: number) => primaryFirst(scope, await ofSession(turn));
}

async function bounded(scope: RequestScope, statement: Query, boundMs: number): Promise<Given> {
  const given = await attempts(scope, statement, nodesWithin(scope, boundMs));
  if (given.choice.spills) scope.state.instruments.boundedAtPrimary();
  return given;
}

function sessionNodes(scope: RequestScope, token: Token): (turn: number) => Promise<Choice[]> {
  const { state, options } = scope;
  const known = {
    lags: (node: string) => state.laggards.has(node, options.now()),
    score: (node: string) => state.score(node, options.now()),
  };
  return async (turn) => sessionChoices(choices(scope), token, known, turn);
}

function thePrimary(scope: RequestScope, reason: "strict" | "off"): (turn: number) => Promise<Choice[]> {
  return async (turn) => [{ node: (await locatePrimary(scope, turn > 0)).node, reason }];
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
