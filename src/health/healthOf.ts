import { ObjectAccess } from "../exchange/objectAccess.ts";
import type { IsolateState } from "../isolate.ts";
import { cacheHealth } from "./cacheHealth.ts";
import { cronChecks, cronNotes } from "./cronChecks.ts";
import { type HealthChecks, healthCheck } from "./healthCheck.ts";
import { nodeChecks } from "./nodeChecks.ts";
import { nodesHealth } from "./nodeHealth.ts";
import { type Verdict, verdict } from "./verdict.ts";
import { wordChecks } from "./wordChecks.ts";

/** What one isolate can say of how things are. */
export interface Health {
  readonly verdict: Verdict;
  /** Whether the cache tiers answered when last used. */
  readonly cache: boolean;
  readonly checks: HealthChecks;
}

/**
 * The verdict on what this isolate saw and heard, and what it is made of. An overdue cron is a note and a check of its
 * own; the status is the database's.
 */
export function healthOf(state: IsolateState, now: number): Health {
  const { database, objects, exchange } = state;
  const nodes = nodesHealth(database, now);
  const cache = cacheHealth(state, now);
  const said = verdict(nodes, cache.runwayMs, now);
  const { breaker, replicas, bumps, softMs } = database.view;
  const crons = exchange ? cronChecks(bumps, now) : [];
  const words = exchange ? wordChecks({ breaker, replicas, cache: bumps, softMs }, now) : [];
  const missing = objects instanceof ObjectAccess ? [] : [notBound(now)];
  const coordination = [...words, ...missing];
  return {
    verdict: { ...said, notes: [...said.notes, ...cronNotes(crons)] },
    cache: cache.isWell,
    checks: {
      "database:responses": nodeChecks(nodes, now),
      ...cache.checks,
      ...(coordination.length > 0 ? { "coordination:word": coordination } : {}),
      ...(crons.length > 0 ? { "crons:lastRun": crons } : {}),
    },
  };
}

function notBound(now: number) {
  const output = "not bound: this isolate looks after itself alone";
  return healthCheck(
    { componentId: "objects", componentType: "component", status: "warn", output, source: "local-only" },
    now,
  );
}
