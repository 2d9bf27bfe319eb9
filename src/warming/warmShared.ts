import { pathOfKey } from "../cache/cacheKey.ts";
import { WARM_CONCURRENCY, WARM_MARGIN_MS } from "../cache/warm/constants.ts";
import { kvAllowance } from "../cache/warm/kvAllowance.ts";
import { KvWrites } from "../cache/warm/kvWrites.ts";
import { planWarming } from "../cache/warm/planWarming.ts";
import type { WarmRefusal, WarmReport } from "../cache/warm/warmReport.ts";
import type { EventContext } from "../eventContext.ts";
import { ProblemError } from "../http/problem.ts";
import type { SharedTarget } from "../http/sharedTarget.ts";
import type { IsolateState } from "../isolate.ts";
import { MAX_TOLD_KEY_CHARS } from "../rpc/constants.ts";
import { databaseFacts } from "./databaseFacts.ts";
import { hottest, tellWarmed } from "./hottest.ts";
import { inTurn } from "./inTurn.ts";
import { type ToWarm, type Warming, warmKey } from "./warmKey.ts";

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

/** Calls that a run may make of others: below what an invocation may (1,000), for the exchange and retries beside it. */
const SUBREQUESTS = 800;

/** Of a key that nobody told of. */
const UNKNOWN = { heat: 1, loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" };
const TYPICAL_LOAD_MS = 20;

/** Longer than any copy lives: who names paths wants them loaded, whatever lies there. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER / 4;

/**
 * Loads shared answers before anybody asks for them, hottest first, as far as budgets and the database's state allow, and
 * tells for each that was left why. Counts as nobody's traffic. Two runs at a time load each key once.
 */
export async function warmShared(
  state: IsolateState,
  ctx: EventContext,
  targets: (path: string) => SharedTarget | undefined,
  { paths, top, dryRun, nextInMs, endAt }: WarmOrder,
): Promise<WarmReport> {
  const now = Date.now();
  const { keys, kvWritesLeft, trouble } = await hottest(state, paths ? MAX_LOOKED_UP : top);
  const known = new Map(keys.map((each) => [each.key, each]));
  const toWarm = new Map<string, ToWarm>();
  const refused: WarmReport["skipped"][number][] = [];
  for (const asked of paths ?? keys.map(({ key }) => key)) {
    // A key that was hot in an older version stands for the present one.
    const path = pathOfKey(asked);
    const found = resolved(targets, path);
    if (typeof found === "string") refused.push({ path, why: found });
    else if (found.key.length > MAX_TOLD_KEY_CHARS) refused.push({ path, why: "too-long" });
    else {
      const target = found;
      const { heat, ...copy } = known.get(target.key) ?? UNKNOWN;
      const olderHeat = asked === target.key ? 0 : (known.get(asked)?.heat ?? 0);
      const all = Math.max(heat + olderHeat, toWarm.get(target.key)?.hot.heat ?? 0);
      const hot = { ...copy, heat: all, key: target.key, loadMs: TYPICAL_LOAD_MS };
      toWarm.set(target.key, { path, target, hot });
    }
  }
  const next = { inMs: paths ? FOR_EVER_MS : nextInMs, marginMs: WARM_MARGIN_MS };
  const kvWrites = paths ? kvWritesLeft : allowance(state, kvWritesLeft, nextInMs, now);
  const kv = new KvWrites(kvWrites, paths ? undefined : next);
  const plan = planWarming({
    now,
    keys: [...toWarm.values()].map(({ hot }) => hot),
    database: databaseFacts(state, now),
    budget: { subrequestsLeft: SUBREQUESTS, kvWrites, leftMs: endAt - now },
    next,
  });
  const named = (key: string) => toWarm.get(key)?.path ?? key;
  const skipped = [...refused, ...plan.skipped.map(({ key, why }) => ({ path: named(key), why }))];
  const said = { planned: plan.load.length, ...(trouble === undefined ? {} : { trouble }) };
  if (dryRun) {
    const planned = plan.load.map(({ key }) => ({ path: named(key), why: "dry-run" as const }));
    return { ...said, done: [], skipped: [...skipped, ...planned], failed: [] };
  }
  const turns = plan.load.flatMap(({ key, afterMs }) => {
    const each = toWarm.get(key);
    return each ? [{ ...each, afterMs }] : [];
  });
  const { ends, late } = await inTurn(turns, { lanes: WARM_CONCURRENCY, endAt }, async (each): Promise<Warming> => {
    // Loaded and written nowhere it would be of no use.
    if (!paths && kv.areGone) return { skipped: { path: each.path, why: "kv-writes" } };
    return warmKey(state, ctx, each, kv);
  });
  await tellWarmed(
    state,
    ends.flatMap(({ copy }) => copy ?? []),
  );
  return {
    ...said,
    done: ends.flatMap(({ done }) => done ?? []),
    skipped: [
      ...skipped,
      ...ends.flatMap((end) => end.skipped ?? []),
      ...late.map(({ path }) => ({ path, why: "time" as const })),
    ],
    failed: ends.flatMap(({ failed }) => failed ?? []),
  };
}

/** Keys that are asked about where paths are named: what is known of a copy saves a write. */
const MAX_LOOKED_UP = 1_000;

function resolved(targets: (path: string) => SharedTarget | undefined, path: string): SharedTarget | WarmRefusal {
  if (!path.startsWith("/") || path.startsWith("//")) return "no-such-route";
  try {
    return targets(path) ?? "not-shared";
  } catch (error) {
    if (error instanceof ProblemError) return error.slug === "not-found" ? "not-shared" : "invalid";
    throw error;
  }
}

/** What this run may write of the day's KV writes; a site that pays by the write has no such bound. */
function allowance({ config }: IsolateState, writesLeft: number, nextRunInMs: number, now: number): number {
  return kvAllowance({ now, writesLeft, writesPerDay: config.cacheKvWritesADay, nextRunInMs });
}
