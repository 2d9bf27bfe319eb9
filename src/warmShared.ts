import { KV_WRITES_A_DAY } from "./cache/constants.ts";
import { WARM_CONCURRENCY, WARM_MARGIN_MS } from "./cache/warm/constants.ts";
import { kvAllowance } from "./cache/warm/kvAllowance.ts";
import { KvWrites } from "./cache/warm/kvWrites.ts";
import { planWarming, type WarmingPlan } from "./cache/warm/planWarming.ts";
import type { DatabaseFacts, HotKey } from "./cache/warm/warmFacts.ts";
import type { WarmRefusal, WarmReport } from "./cache/warm/warmReport.ts";
import { isAsleep } from "./database/nodeEvidence.ts";
import { openDatabase } from "./database/openDatabase.ts";
import type { EventContext } from "./eventContext.ts";
import { ObjectAccess } from "./exchange/objectAccess.ts";
import { ProblemError } from "./http/problem.ts";
import { sharedRequest } from "./http/sharedDoor.ts";
import type { SharedTarget } from "./http/sharedTarget.ts";
import { type IsolateState, requestOptions } from "./isolate.ts";
import { MAX_DIGEST_CHARS, WIRE } from "./rpc/constants.ts";
import { ageOf } from "./rpc/held.ts";
import { readMessage } from "./rpc/readMessage.ts";
import { type HeatAnswer, heatAnswerSchema, type Warmed } from "./rpc/refreshLease.ts";

/** What is warmed: these paths, or so many of the hottest keys; `dryRun`: it is only planned. */
export interface WarmOrder {
  readonly paths?: readonly string[] | undefined;
  readonly top: number;
  readonly dryRun: boolean;
  /** Until the next run, in milliseconds. */
  readonly nextInMs: number;
  /** When this one has to be over. */
  readonly endAt: number;
}

type SharedTargets = (path: string) => SharedTarget | undefined;

/** Calls that a run may make of others: well below what an invocation may (1,000), for the exchange and retries beside it. */
const SUBREQUESTS = 800;

/** Without the object nothing is known of any key: each is as hot as the others, and may be written. */
const UNKNOWN = { heat: 1, loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" };
const TYPICAL_LOAD_MS = 20;

/**
 * Loads shared answers before anybody asks for them, hottest first, as far as budgets and the database's state allow, and
 * tells for each that was left why. Counts as nobody's traffic.
 */
export async function warmShared(
  state: IsolateState,
  ctx: EventContext,
  targets: SharedTargets,
  order: WarmOrder,
): Promise<WarmReport> {
  const { heat, trouble } = await heatOf(state, order.paths ? 0 : order.top);
  const asked = order.paths ?? heat.keys.map(({ key }) => key);
  const found = asked.map((path) => ({ path, ...resolved(targets, path) }));
  const known = new Map(heat.keys.map((each) => [each.key, each]));
  const hot = new Map<string, { path: string; target: SharedTarget; key: HotKey }>();
  for (const { path, target } of found) {
    if (target)
      hot.set(target.key, {
        path,
        target,
        key: { ...UNKNOWN, ...known.get(target.key), key: target.key, loadMs: TYPICAL_LOAD_MS },
      });
  }
  const allowed = allowedWrites(order, heat.kvWritesLeft);
  const plan = planOf(
    state,
    order,
    [...hot.values()].map(({ key }) => key),
    allowed,
  );
  const pathOf = (key: string) => hot.get(key)?.path ?? key;
  const refused = found.flatMap(({ path, why }) => (why === undefined ? [] : [{ path, why }]));
  const skipped = [...refused, ...plan.skipped.map(({ key, why }) => ({ path: pathOf(key), why }))];
  if (trouble !== undefined && !order.paths) skipped.push({ path: trouble, why: "cold" as const });
  if (order.dryRun) {
    return {
      planned: plan.load.length,
      done: [],
      failed: [],
      skipped: [...skipped, ...plan.load.map(({ key }) => ({ path: pathOf(key), why: "dry-run" as const }))],
    };
  }
  const writes = new KvWrites(allowed, order.paths ? undefined : { inMs: order.nextInMs, marginMs: WARM_MARGIN_MS });
  const ends = await inTurn(plan.load, order.endAt, async ({ key }) => {
    return writes.areGone ? { unwritable: key } : warmOne(state, ctx, hot.get(key), writes);
  });
  await tellWarmed(
    state,
    ends.flatMap(({ copy }) => copy ?? []),
  );
  return {
    planned: plan.load.length,
    done: ends.flatMap(({ done }) => done ?? []),
    skipped: [
      ...skipped,
      ...ends.flatMap(({ late }) => (late === undefined ? [] : [{ path: pathOf(late), why: "time" as const }])),
      ...ends.flatMap(({ unwritable: key }) => {
        return key === undefined ? [] : [{ path: pathOf(key), why: "kv-writes" as const }];
      }),
    ],
    failed: ends.flatMap(({ failed }) => failed ?? []),
  };
}

function resolved(targets: SharedTargets, path: string): { target?: SharedTarget; why?: WarmRefusal } {
  if (!path.startsWith("/") || path.startsWith("//")) return { why: "no-such-route" };
  try {
    const target = targets(path);
    return target ? { target } : { why: "not-shared" };
  } catch (error) {
    if (error instanceof ProblemError) return { why: error.slug === "not-found" ? "not-shared" : "invalid" };
    throw error;
  }
}

/** The hottest keys, and what is left of the day's writes. Without the object: none, and nothing is forbidden. */
async function heatOf({ objects }: IsolateState, top: number): Promise<{ heat: HeatAnswer; trouble?: string }> {
  const none: HeatAnswer = { keys: [], kvWritesLeft: Number.MAX_SAFE_INTEGER };
  if (!(objects instanceof ObjectAccess)) return { heat: none, trouble: "no objects are bound" };
  const called = await objects.cache((stub) => stub.heat(JSON.stringify({ wire: WIRE, top })));
  const heat =
    called.kind === "answered" ? readMessage(heatAnswerSchema, called.value, MAX_DIGEST_CHARS * 8) : undefined;
  return heat ? { heat } : { heat: none, trouble: "the CacheCoordinator does not answer" };
}

/** Named paths may use what is left of the day; a run its share, so that the day's last one has some too. */
function allowedWrites({ paths, nextInMs }: WarmOrder, writesLeft: number): number {
  const day = { now: Date.now(), writesLeft, writesPerDay: KV_WRITES_A_DAY.paid, nextRunInMs: nextInMs };
  return paths ? writesLeft : kvAllowance(day);
}

function planOf(
  state: IsolateState,
  { nextInMs, endAt, paths }: WarmOrder,
  keys: readonly HotKey[],
  kvWrites: number,
): WarmingPlan {
  const now = Date.now();
  return planWarming({
    now,
    keys,
    database: databaseFacts(state, now),
    budget: { subrequestsLeft: SUBREQUESTS, kvWrites, leftMs: endAt - now },
    // Who names paths wants them loaded, however long what lies there lives.
    next: { inMs: paths ? Number.MAX_SAFE_INTEGER / 4 : nextInMs, marginMs: WARM_MARGIN_MS },
  });
}

/** The database as this isolate knows it. */
function databaseFacts({ database, config }: IsolateState, now: number): DatabaseFacts {
  const asker = { breakerMode: config.modes.breaker, now: () => now, random: Math.random };
  const admitted = database.nodes.filter(
    ({ name }) => database.gates.admission(asker, name, "first").kind === "admitted",
  );
  const states = database.nodes.map(({ name }) => database.breakers.effective(name, now).state);
  const held = database.view.replicas;
  const lags =
    held?.part.nodes.flatMap(({ role, lagBoundMs }) =>
      role === "replica" && lagBoundMs !== null ? [lagBoundMs + ageOf(held, now)] : [],
    ) ?? [];
  return {
    isOpen: admitted.length === 0,
    isAsleep: database.nodes.every((node) => isAsleep(node, database.joinedEvidence(node.name, now), now)),
    isRecovering: states.some((each) => each === "ramping" || each === "half-open"),
    lagMs: lags.length === 0 ? null : Math.min(...lags),
    load: Math.min(...database.nodes.map(({ name }) => database.gates.loadOf(name, now))),
  };
}

interface Warming {
  readonly done?: WarmReport["done"][number];
  readonly failed?: WarmReport["failed"][number];
  readonly copy?: Warmed["copies"][number];
  /** Its turn never came; or nothing could be written any more when it came. */
  readonly late?: string;
  readonly unwritable?: string;
}

async function warmOne(
  state: IsolateState,
  ctx: EventContext,
  hot: { path: string; target: SharedTarget; key: HotKey } | undefined,
  writes: KvWrites,
): Promise<Warming> {
  const door = state.shared?.door;
  if (!hot || !door) return {};
  const { path, target } = hot;
  const startedAt = Date.now();
  const database = openDatabase(state.database, requestOptions(state, ctx));
  const works: Promise<unknown>[] = [];
  try {
    const waitUntil = (work: Promise<unknown>) => void works.push(work);
    const request = sharedRequest(door, { ...target, database, now: Date.now, waitUntil, owed: [] });
    const { staleWhileRevalidate, staleIfError } = target.shared;
    const copy = {
      hot: hot.key,
      staleWhileRevalidateMs: staleWhileRevalidate * 1_000,
      staleIfErrorMs: staleIfError * 1_000,
    };
    const found = { isWorthIt: false };
    const { entry, isWritten, isChanged } = await door.cache.warm(request, (loaded) => {
      found.isWorthIt = writes.take(copy, loaded, Date.now());
      return found.isWorthIt;
    });
    const { key, hash, loadedAt, freshUntil, errorUntil } = entry;
    return {
      done: { path, isChanged, isWritten, ms: Date.now() - startedAt },
      // What was left as it was lives no longer for having been looked at.
      ...(found.isWorthIt && { copy: { key, hash, loadedAt, freshUntil, errorUntil, isWritten } }),
    };
  } catch (error) {
    // Nothing that lay there is worse for it; the next run tries again.
    return { failed: { path, why: error instanceof Error ? error.message : String(error) } };
  } finally {
    await Promise.allSettled(works);
    await database.close();
  }
}

/** A few at a time, each not before its moment and none after the end. */
async function inTurn<Each extends { readonly key: string; readonly afterMs: number }>(
  all: readonly Each[],
  endAt: number,
  run: (each: Each) => Promise<Warming>,
): Promise<Warming[]> {
  const startedAt = Date.now();
  const ends: Warming[] = [];
  const queue = [...all];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const waitMs = startedAt + next.afterMs - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      ends.push(Date.now() >= endAt ? { late: next.key } : await run(next));
    }
  };
  await Promise.all(Array.from({ length: WARM_CONCURRENCY }, lane));
  return ends;
}

/** So that the next run, and whoever asks for the runway, knows of these copies. */
async function tellWarmed({ objects }: IsolateState, copies: Warmed["copies"]): Promise<void> {
  if (!(objects instanceof ObjectAccess) || copies.length === 0) return;
  const text = JSON.stringify({ wire: WIRE, copies });
  await objects.cache((stub) => stub.warmed(text));
}
