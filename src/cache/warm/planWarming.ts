import { RECOVERY_LOADS_PER_S, SUBREQUESTS_PER_KEY, WARM_CONCURRENCY } from "./constants.ts";
import { obstacleOf } from "./obstacleOf.ts";
import { type DatabaseFacts, type HotKey, type NextRun, neededMs, type WarmBudget } from "./warmFacts.ts";

/**
 * Why a key is not loaded. Of the database: `breaker`, `asleep`, `lag`, `busy`. Of the key: `lives`, it is fresh beyond
 * the next run; `cold`, nobody wants it. Of the budget: `kv-writes`, `subrequests`, `time`.
 */
export type WarmSkip = "breaker" | "asleep" | "lag" | "busy" | "lives" | "cold" | "kv-writes" | "subrequests" | "time";

export interface WarmingPlan {
  /** What is worth most first. `afterMs`: not before so long after the run began. */
  readonly load: readonly { readonly key: string; readonly afterMs: number }[];
  readonly skipped: readonly { readonly key: string; readonly why: WarmSkip }[];
}

export interface WarmingFacts {
  /** Milliseconds since 1970, as the copies' times. */
  readonly now: number;
  readonly keys: readonly HotKey[];
  readonly database: DatabaseFacts;
  readonly budget: WarmBudget;
  readonly next: NextRun;
}

/**
 * What a warming run loads, and for each other key why not. A key is loaded if it would expire before the next run's copy
 * is there, though it is fresh now: a run as long as a lifetime would otherwise meet every key still fresh, and visitors
 * every key expired. First comes what is worth most: its heat, times the chance that a visitor meets it expired, times
 * how long that visitor would wait. While the database has just come back, the hottest, at a pace.
 */
export function planWarming(facts: WarmingFacts): WarmingPlan {
  const { keys, database, budget } = facts;
  const obstacle = obstacleOf(database) ?? (budget.kvWrites < 1 ? "kv-writes" : undefined);
  if (obstacle) return { load: [], skipped: keys.map(({ key }) => ({ key, why: obstacle })) };
  const load: { key: string; afterMs: number }[] = [];
  const skipped: { key: string; why: WarmSkip }[] = [];
  const affordable = Math.floor(budget.subrequestsLeft / SUBREQUESTS_PER_KEY);
  const gapMs = database.isRecovering ? 1_000 / RECOVERY_LOADS_PER_S : 0;
  let takenMs = 0;
  for (const { key, loadMs, heat, value } of byValue(facts)) {
    const afterMs = load.length * gapMs;
    const endsMs = Math.max(afterMs, takenMs / WARM_CONCURRENCY) + loadMs;
    const why = whyNot({ heat, value, isAffordable: load.length < affordable, isInTime: endsMs <= budget.leftMs });
    if (why) {
      skipped.push({ key, why });
    } else {
      load.push({ key, afterMs });
      takenMs += loadMs;
    }
  }
  return { load, skipped };
}

/** Of keys that are worth as much, those stay in front that were. */
function byValue(facts: WarmingFacts): (HotKey & { readonly value: number })[] {
  const valued = facts.keys.map((hot) => ({ ...hot, value: worthOf(hot, facts) }));
  return valued.sort((a, b) => b.value - a.value);
}

/** 0: it need not be loaded. */
function worthOf(hot: HotKey, facts: WarmingFacts): number {
  const chance = expiryChance(hot, facts);
  if (facts.database.isRecovering) return chance > 0 ? hot.heat : 0;
  return hot.heat * chance * Math.max(1, hot.loadMs); // no load is for nothing, however short it was
}

/** The chance that a visitor meets it expired before the next run's copy is there: 1 if it has expired, 0 if it lives on. */
function expiryChance({ freshUntil, loadMs }: HotKey, { now, next }: WarmingFacts): number {
  const needed = neededMs(next, loadMs);
  const lifeMs = Math.max(0, freshUntil - now);
  return Math.max(0, (needed - lifeMs) / needed);
}

interface Standing {
  readonly heat: number;
  readonly value: number;
  readonly isAffordable: boolean;
  readonly isInTime: boolean;
}

function whyNot({ heat, value, isAffordable, isInTime }: Standing): WarmSkip | undefined {
  if (heat <= 0) return "cold";
  if (value <= 0) return "lives";
  if (!isAffordable) return "subrequests";
  return isInTime ? undefined : "time";
}
