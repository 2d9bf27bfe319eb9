import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import { type HealthCheck, type HealthChecks, healthCheck } from "./healthCheck.ts";

/** What the cache can do for whoever asks while the database is gone. */
interface CacheHealth {
  /** How long until the first of the hottest keys has no copy left, in milliseconds; 0: now, or nobody knows of any. */
  readonly runwayMs: number;
  /** Whether the tiers that are bound answered when they were last used. */
  readonly isWell: boolean;
  readonly checks: HealthChecks;
}

/**
 * As this isolate knows it: the world's word on the runway, shorter by its age, or without one what it gave last itself;
 * and its own experience with the tiers.
 */
export function cacheHealth({ database, shared }: Pick<IsolateState, "database" | "shared">, now: number): CacheHealth {
  if (!shared) return { runwayMs: 0, isWell: true, checks: {} };
  const held = database.view.bumps;
  const toldMs = held?.part.runway?.ms;
  const leftMs =
    held && toldMs != null ? Math.max(0, toldMs - ageOf(held, now)) : (shared.door.cache.runwayMs(now) ?? 0);
  // A cache that only observes has copies, and gives them to nobody.
  const runwayMs = shared.door.acts ? leftMs : 0;
  const tiers = shared.farther.map(({ name, trouble }): HealthCheck => {
    const status = trouble === undefined ? "pass" : "warn";
    return healthCheck(
      { componentId: name, componentType: "datastore", status, output: "did not answer when last used" },
      now,
    );
  });
  const runway = healthCheck(
    { componentId: "hot-keys", componentType: "component", status: "pass", ageMs: runwayMs },
    now,
  );
  return {
    runwayMs,
    isWell: shared.farther.every(({ trouble }) => trouble === undefined),
    checks: { ...(tiers.length > 0 ? { "cache:responses": tiers } : {}), "cache:runway": [runway] },
  };
}
