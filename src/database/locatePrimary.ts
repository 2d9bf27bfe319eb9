import type { TimedSample } from "../exchange/ledger.ts";
import { compareEpochs, type RoleReport, type Topology, topologyFrom } from "../replicas/topology.ts";
import type { OutboxPage, ProbeWants } from "../rpc/probing.ts";
import {
  FIRST_MAP_MS,
  MIN_ATTEMPT_MS,
  NO_PRIMARY_MS,
  REFRESH_EXPIRES_MS,
  ROLE_QUESTION_MS,
  TOPOLOGY_MAX_AGE_MS,
} from "./constants.ts";
import type { NodeAccess } from "./databaseState.ts";
import { type Deadline, remainingMs } from "./deadline.ts";
import { DatabaseError } from "./errors.ts";
import { isAsleep } from "./nodeEvidence.ts";
import { outboxPage } from "./outboxPage.ts";
import { RequestScope } from "./requestScope.ts";
import { bareSampleQuestion, sampleQuestion, sampleWithMarks } from "./statements.ts";
import type { TransportFailure } from "./transport.ts";

/** The node that takes writes, and its epoch; null: it has no schema for epochs, and can only be read. */
interface KnownPrimary {
  readonly node: string;
  readonly epoch: string | null;
}

/**
 * The primary, from what the isolate knows or by asking. `refresh`: what is known was just refuted. A search that
 * found none a moment ago is not repeated, and the next one is waited for by one request alone: the others are refused at
 * once instead of at their deadline.
 * Throws `DatabaseError` (`unavailable`) when there is none.
 */
export async function locatePrimary(scope: RequestScope, refresh = false): Promise<KnownPrimary> {
  await search(scope, { refresh, canWait: true });
  return primaryOf(scope);
}

/** The primary, for somebody who can do without: undefined where there is none. */
export async function primaryIfAny(scope: RequestScope): Promise<string | undefined> {
  await search(scope, { refresh: false, canWait: false });
  const { primary, trouble } = scope.state.topology;
  const known = trouble === "two-primaries" ? undefined : primary;
  if (known === undefined || isDoubtful(scope, known)) askForMap(scope);
  return known;
}

async function search(
  scope: RequestScope,
  { refresh, canWait }: { readonly refresh: boolean; readonly canWait: boolean },
): Promise<void> {
  const { state, options } = scope;
  const now = options.now();
  const { askedAt, trouble } = state.topology;
  // From far ahead: the clock was set back since, and nobody knows how old it is.
  const ageMs = askedAt === undefined ? Number.POSITIVE_INFINITY : Math.abs(now - askedAt);
  if (refresh || askedAt === undefined) await refreshTopology(scope, remainingMs(options.deadline, now));
  else if (trouble !== undefined && ageMs > NO_PRIMARY_MS && canWait && !isRefreshing(scope, now)) {
    state.refreshingSince = now;
    await refreshTopology(scope, remainingMs(options.deadline, now));
    state.refreshingSince = undefined;
  } else if (ageMs > (trouble === undefined ? TOPOLOGY_MAX_AGE_MS : NO_PRIMARY_MS)) refreshAfterwards(scope, now);
}

/**
 * Asks again after the response, one request at a time: a known primary may be used meanwhile (it refuses what it may
 * not do), and a frozen replica must not hold up a write only because it is asked for its role.
 */
function refreshAfterwards(scope: RequestScope, now: number): void {
  const { state, options } = scope;
  if (isRefreshing(scope, now)) return;
  state.refreshingSince = now;
  const own = new RequestScope(state, { ...options, deadline: { at: now + REFRESH_EXPIRES_MS } });
  const refreshed = refreshTopology(own, REFRESH_EXPIRES_MS).finally(async () => {
    state.refreshingSince = undefined;
    await own.close();
  });
  options.waitUntil(refreshed);
}

/** Another request is at it, or was, and died with it. */
function isRefreshing({ state }: RequestScope, now: number): boolean {
  return state.refreshingSince !== undefined && Math.abs(now - state.refreshingSince) < REFRESH_EXPIRES_MS;
}

/**
 * Asks the nodes for their roles, for at most `withinMs`; returns what is known then. Never throws. Nodes that sleep
 * are asked only when no other is the primary. With too little time nobody is asked: cut off, a healthy node would
 * count as slow.
 */
export async function refreshTopology(scope: RequestScope, withinMs: number): Promise<Topology> {
  const { state, options } = scope;
  if (withinMs < MIN_ATTEMPT_MS) return state.topology;
  const deadline: Deadline = { at: options.now() + withinMs };
  const isAwake = (node: NodeAccess) => !isAsleep(node, state.evidence(node.name), options.now());
  const awake = state.nodes.filter(isAwake);
  const asleep = state.nodes.filter((node) => !isAwake(node));
  let reports = await askRoles(scope, awake, deadline);
  if (!reports.some(({ inRecovery }) => !inRecovery)) {
    reports = [...reports, ...(await askRoles(scope, asleep, deadline))];
  }
  const isWhole = awake.every(({ name }) => reports.some(({ node }) => node === name));
  if (!isWhole && isBlind(scope)) {
    // Who claims to be the primary may be the rival of one that is silent for this isolate alone: the world knows.
    await state.askWorld?.(FIRST_MAP_MS, options.waitUntil);
    if (state.topology.holder) return state.topology;
  }
  state.topology = topologyFrom(reports, state.topology, options.now(), !state.followsWorld);
  if (state.topology.epoch !== undefined) state.withProofs();
  // Of an epoch that the map has not: who is on a line that is over, only the map says.
  const known = state.view.replicas?.part.newestEpoch ?? null;
  if (state.followsWorld && compareEpochs(state.topology.newestEpoch, known) > 0) askForMap(scope);
  return state.topology;
}

/** A new isolate, which has never heard who holds the epoch. */
function isBlind({ state }: RequestScope): boolean {
  return state.followsWorld && state.topology.holder === undefined && state.view.replicas === undefined;
}

async function askRoles(scope: RequestScope, nodes: readonly NodeAccess[], deadline: Deadline): Promise<RoleReport[]> {
  const ms = Math.min(ROLE_QUESTION_MS, remainingMs(deadline, scope.options.now()));
  const round: Deadline = { at: scope.options.now() + ms };
  const reports = await Promise.all(nodes.map(({ name }) => askInRound(scope, name, round)));
  return reports.filter((report) => report !== undefined);
}

/**
 * Asks what may be the primary a second time where the first question failed at once: one connection cut off must not
 * leave all writes without a primary until the next search.
 */
async function askInRound(scope: RequestScope, node: string, round: Deadline): Promise<RoleReport | undefined> {
  const { primary } = scope.state.topology;
  const tries = primary === undefined || primary === node ? 2 : 1;
  for (let attempt = 0; attempt < tries; attempt++) {
    const ms = remainingMs(round, scope.options.now());
    if (ms < MIN_ATTEMPT_MS) return undefined;
    const report = await askRole(scope, node, ms);
    if (report || scope.state.evidence(node).misconfigured) return report;
  }
  return undefined;
}

/**
 * One node's word on its role, with all it said of itself, and which of `marks` it holds; undefined when it does not
 * answer in time. `outbox`: and what was written since. A node without the schema holds none.
 */
export async function askRole(
  scope: RequestScope,
  node: string,
  ms: number,
  { marks = [], outbox }: ProbeWants = {},
): Promise<(TimedSample & { readonly held: readonly string[]; readonly outbox: OutboxPage | undefined }) | undefined> {
  const startedAt = scope.options.now();
  const deadline: Deadline = { at: startedAt + ms };
  const isBare = marks.length === 0 && outbox === undefined;
  let answer = await scope.question(node, isBare ? sampleQuestion : sampleWithMarks(marks, outbox), ms);
  if (!answer.ok && isSchemaMissing(answer.failure)) {
    const leftMs = Math.max(MIN_ATTEMPT_MS, remainingMs(deadline, scope.options.now()));
    answer = await scope.question(node, bareSampleQuestion, leftMs);
  }
  if (!answer.ok) return undefined;
  const [inRecovery, epoch, position, generation, xmin, timeline, mayLose, held, written] = answer.value.rows[0] ?? [];
  const now = scope.options.now();
  const sample = {
    node,
    inRecovery: inRecovery === true,
    epoch: textOrNull(epoch),
    position: textOrNull(position),
    generation: textOrNull(generation),
    xmin: textOrNull(xmin),
    timeline: textOrNull(timeline),
    ...(mayLose === true && { mayLose }),
    tookMs: Math.max(0, now - startedAt),
    at: now,
  };
  scope.state.ledger.sample(sample);
  const all = typeof held === "string" && held !== "" ? held.split(",") : [];
  return { ...sample, held: all, outbox: outboxPage(written) };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Undefined table, schema or function of ours: `breakwater` was never installed here, or not all of it. */
export function isSchemaMissing({ sqlstate, message }: Pick<TransportFailure, "sqlstate" | "message">): boolean {
  const isUndefined = sqlstate === "42P01" || sqlstate === "3F000" || sqlstate === "42883";
  return isUndefined && message.includes("breakwater");
}

function primaryOf(scope: RequestScope): KnownPrimary {
  const { state } = scope;
  const { primary, epoch, trouble } = state.topology;
  switch (trouble) {
    case "two-primaries":
      throw refused(scope, "Two nodes claim to be the primary of the same epoch.");
    case "none-answered":
    case "not-installed":
    case undefined:
      if (primary !== undefined) {
        if (isDoubtful(scope, primary)) askForMap(scope);
        return { node: primary, epoch: epoch ?? null };
      }
      throw refused(scope, "No node answers as the primary.");
    default:
      return trouble satisfies never;
  }
}

/** It did not answer a moment ago: somebody may have been promoted in its place. */
function isDoubtful({ state, options }: RequestScope, primary: string): boolean {
  return state.evidence(primary).failuresInARow > 0 || !state.breakers.admits(primary, options.now());
}

function askForMap({ state, options }: RequestScope): void {
  state.askForMap(options.now(), options.random());
}

function refused(scope: RequestScope, message: string): DatabaseError {
  scope.state.instruments.refusal("no-primary");
  askForMap(scope);
  return new DatabaseError("unavailable", message, { retryAfterMs: NO_PRIMARY_MS });
}
