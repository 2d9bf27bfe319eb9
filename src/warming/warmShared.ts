import { pathOfKey } from "../cache/cacheKey.ts";
import {
  MAX_RUN_KEYS,
  SUBREQUESTS_PER_KEY,
  WARM_CONCURRENCY,
  WARM_MARGIN_MS,
  WARM_SUBREQUEST_SHARE,
} from "../cache/warm/constants.ts";
import { kvAllowance } from "../cache/warm/kvAllowance.ts";
import { KvWrites } from "../cache/warm/kvWrites.ts";
import { obstacleOf } from "../cache/warm/obstacleOf.ts";
import { planWarming } from "../cache/warm/planWarming.ts";
import { SlowLoads } from "../cache/warm/slowLoads.ts";
import type { WarmReport } from "../cache/warm/warmReport.ts";
import type { EventContext } from "../eventContext.ts";
import type { SharedTarget } from "../http/sharedTarget.ts";
import type { IsolateState } from "../isolate.ts";
import { candidates } from "./candidates.ts";
import { databaseFacts } from "./databaseFacts.ts";
import { hottest, tellWarmed } from "./hottest.ts";
import { inTurn } from "./inTurn.ts";
import { type Warming, warmKey } from "./warmKey.ts";

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

/** Longer than any copy lives: who names paths wants them loaded, whatever lies there. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER / 4;

/** Keys that are asked about where paths are named: what is known of a copy saves a write. */
const MAX_LOOKED_UP = 1_000;

/**
 * Loads shared answers before anybody asks for them, hottest first, as far as budgets and the database's state allow, and
 * tells for each that was left why. Counts as nobody's traffic. Two runs at a time, in one isolate or two, load each key
 * once: what one has claimed is `joined` for the other.
 */
export async function warmShared(
  state: IsolateState,
  ctx: EventContext,
  targets: (path: string) => SharedTarget | undefined,
  { paths, top, dryRun, nextInMs, endAt }: WarmOrder,
): Promise<WarmReport> {
  const now = Date.now();
  const database = databaseFacts(state, now);
  const subrequestsLeft = subrequestsOf(state);
  const next = { inMs: paths ? FOR_EVER_MS : nextInMs, marginMs: WARM_MARGIN_MS };
  const run = crypto.randomUUID();
  // Who will load nothing claims nothing.
  const claim = !dryRun &&
    obstacleOf(database) === undefined && {
      run,
      ...(paths && { keys: [...candidates(targets, paths).toWarm.keys()] }),
      leftMs: Math.max(0, endAt - now),
      subrequests: subrequestsLeft,
      isRecovering: database.isRecovering,
      next,
    };
  const heat = await hottest(state, paths ? MAX_LOOKED_UP : top, claim || undefined);
  const { keys, kvWritesLeft, trouble, joined = [], claimed = 0 } = heat;
  const { toWarm, refused } = candidates(targets, paths ?? keys.map(({ key }) => key), keys);
  const others = new Set(joined.map(pathOfKey)); // which may have been told in an older version
  const kvWrites = paths ? kvWritesLeft : allowance(state, kvWritesLeft, nextInMs, now);
  const kv = new KvWrites(kvWrites, paths ? undefined : next);
  const plan = planWarming({
    now,
    keys: [...toWarm.values()].flatMap(({ hot }) => (others.has(pathOfKey(hot.key)) ? [] : hot)),
    database,
    budget: { subrequestsLeft, kvWrites, leftMs: endAt - now },
    next,
  });
  const named = (key: string) => toWarm.get(key)?.path ?? pathOfKey(key);
  const skipped = [
    ...refused,
    ...joined.map((key) => ({ path: named(key), why: "joined" as const })),
    ...plan.skipped.map(({ key, why }) => ({ path: named(key), why })),
  ];
  const said = { planned: plan.load.length, ...(trouble === undefined ? {} : { trouble }) };
  if (dryRun) {
    const planned = plan.load.map(({ key }) => ({ path: named(key), why: "dry-run" as const }));
    return { ...said, done: [], skipped: [...skipped, ...planned], failed: [] };
  }
  const turns = plan.load.flatMap(({ key, afterMs }) => {
    const each = toWarm.get(key);
    return each ? [{ ...each, afterMs }] : [];
  });
  const loads = new SlowLoads();
  const { ends, late } = await inTurn(turns, { lanes: WARM_CONCURRENCY, endAt }, async (each): Promise<Warming> => {
    // Loaded and written nowhere it would be of no use.
    if (!paths && kv.areGone) return { skipped: { path: each.path, why: "kv-writes" } };
    if (loads.areSlow) return { skipped: { path: each.path, why: "busy" } };
    const startedAt = Date.now();
    const warming = await warmKey(state, ctx, each, kv);
    loads.took(Date.now() - startedAt);
    return warming;
  });
  const copies = ends.flatMap(({ copy }) => copy ?? []);
  const mayHoldClaims = claim && (claimed > 0 || trouble !== undefined);
  await tellWarmed(state, copies, mayHoldClaims ? run : undefined);
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

/** What this run may call: of the plan's own limit a share, and no more keys than KV takes operations for. */
function subrequestsOf({ config: { cacheWarmSubrequests } }: IsolateState): number {
  return Math.min(Math.floor(cacheWarmSubrequests * WARM_SUBREQUEST_SHARE), MAX_RUN_KEYS * SUBREQUESTS_PER_KEY);
}

/** What this run may write of the day's KV writes; a site that pays by the write has no such bound. */
function allowance({ config }: IsolateState, writesLeft: number, nextRunInMs: number, now: number): number {
  return kvAllowance({ now, writesLeft, writesPerDay: config.cacheKvWritesADay, nextRunInMs });
}
