import * as z from "zod/mini";
import type { Accounts, Credential } from "./accounts.ts";
import { answerShared } from "./answerShared.ts";
import type { Call } from "./call.ts";
import { textTrouble } from "./checkText.ts";
import { idempotencyOf } from "./idempotencyKey.ts";
import { percentDecoded } from "./percentDecoded.ts";
import { ProblemError } from "./problem.ts";
import { readBody } from "./readBody.ts";
import { readQuery } from "./readQuery.ts";
import type { Account, Answer, Context, Route } from "./route.ts";
import { isSameSite } from "./sameSite.ts";
import { sharedTarget } from "./sharedTarget.ts";

/** A route, and what need not be worked out for every request. */
export interface Endpoint {
  readonly route: Route;
  /** The query parameters it knows. */
  readonly queryNames: ReadonlySet<string>;
  /** What its schema puts in for a query parameter that is not given. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** Throws for a mistake of the table: a query schema that is no object, a body schema that lets unknown fields in. */
export function endpointOf(route: Route): Endpoint {
  const { method, path, body } = route;
  if (body instanceof z.ZodMiniObject && body.def.catchall?._zod.def.type !== "never") {
    throw new Error(
      `${method} ${path}: the body's schema must be a strict object, so that unknown fields are refused.`,
    );
  }
  return { route, queryNames: new Set(queryNamesOf(route)), defaults: defaultsOf(route) };
}

/** The parameters a route's query schema names. Throws for a schema that is not an object: a mistake of the table. */
function queryNamesOf({ method, path, query }: Route): string[] {
  if (query === undefined) return [];
  if (query instanceof z.ZodMiniObject) return Object.keys(query.shape);
  throw new Error(`${method} ${path}: the query schema must be an object.`);
}

function defaultsOf({ query }: Route): Record<string, unknown> {
  if (!(query instanceof z.ZodMiniObject)) return {};
  const fields = Object.entries(query.shape).filter(([, field]) => field instanceof z.ZodMiniDefault);
  return Object.fromEntries(fields.map(([name, field]) => [name, (field as z.ZodMiniDefault).def.defaultValue]));
}

const NO_BYTES = new Uint8Array(0);

/** Everything between a matched path and the handler's answer: in order, what is cheap to refuse first. */
export async function serve(
  endpoint: Endpoint,
  rawParams: Readonly<Record<string, string>>,
  call: Call,
  accounts: Accounts,
): Promise<Response> {
  const { route, queryNames } = endpoint;
  const { request, url, database } = call;
  const credential = accounts.credentialOf(request);
  call.isPersonal = credential !== null || route.access === "signed-in" || call.hasSession === true;
  // Of a shared answer too: who keeps a session is shown what he wrote, and who is known is given no copy.
  call.varies = route.access !== "anonymous" || route.shared !== undefined;
  const params = readParams(route, rawParams);
  const account = await admit(route, credential, call, accounts);
  const query = route.query && readQuery(url.search, queryNames, route.query);
  const isStrictFor = !call.hasSession && isStrict(route, credential, account);
  // Who is known and keeps no session must see what it just wrote: no copy tells whether it shows that.
  const target = account === null && !isStrictFor ? sharedTarget(endpoint, params, query) : undefined;
  if (target && call.shared) {
    const { now, waitUntil } = call;
    return answerShared(
      call.shared,
      {
        ...target,
        database,
        now,
        waitUntil,
        owed: call.owed?.() ?? [],
        freshness: call.hasSession ? "session" : "any",
      },
      request,
    );
  }
  const body = route.body && (await readBody(request, route.body));
  const idempotency =
    route.idempotent && account ? await idempotencyOf(request, url, body?.bytes ?? NO_BYTES, account.id) : undefined;
  const context: Context<unknown, unknown, unknown, unknown> = {
    request,
    url,
    params,
    query,
    body: body?.value,
    account,
    database,
    freshness: call.hasSession ? "session" : isStrictFor ? "strict" : "any",
    idempotency,
    now: call.now,
    waitUntil: call.waitUntil,
  };
  // `routesFor` tied the handler's types to these very schemas and this access.
  return respond(await route.handle(context as Context<never, never, never, never>));
}

/** Path parameters as the route's schema takes them. Throws the problem `not-found`. */
export function readParams({ params }: Route, raw: Readonly<Record<string, string>>): unknown {
  if (!params) return undefined;
  const checked = params.safeParse(Object.fromEntries(Object.entries(raw).map(decodedParam)));
  if (!checked.success) throw new ProblemError("not-found");
  return checked.data;
}

/** Nothing has an id that is not text. */
function decodedParam([name, value]: [string, string]): [string, string] {
  const text = percentDecoded(value);
  if (text === null || textTrouble(text)) throw new ProblemError("not-found");
  return [name, text];
}

/** The one place that decides who enters: the account, null for who needs none, or a problem. */
async function admit(
  { access }: Route,
  credential: Credential | null,
  { request, url, database }: Call,
  accounts: Accounts,
): Promise<Account | null> {
  if (access === "anonymous") return null;
  if (credential?.kind === "cookie" && !isSameSite(request, url)) throw new ProblemError("cross-site-request");
  const account = credential && (await accounts.accountOf(credential, database));
  if (!account && access === "signed-in") throw new ProblemError("unauthenticated");
  return account;
}

/**
 * Somebody who is known and brought no session token: a client that keeps none must see what it just wrote all the same.
 * Where nobody was looked up, a credential that may be valid counts.
 */
function isStrict({ access }: Route, credential: Credential | null, account: Account | null): boolean {
  return access === "anonymous" ? credential !== null : account !== null;
}

function respond({ status, body, headers }: Answer): Response {
  if (body === undefined) return new Response(null, { status, ...(headers && { headers }) });
  return Response.json(body, { status, ...(headers && { headers }) });
}
