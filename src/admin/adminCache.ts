import type { IsolateState } from "../isolate.ts";
import { ageOf } from "../rpc/held.ts";
import type { AdminCall } from "./answerAdmin.ts";
import { askOwner } from "./askOwner.ts";
import { memoryByRoute } from "./memoryByRoute.ts";
import { worldCounts } from "./worldReads.ts";
import { worldShared } from "./worldShared.ts";
import { worldTotals } from "./worldTotals.ts";

/** Keys shown of this isolate. */
const SHOWN_MISSES = 10;

/**
 * `GET /admin/cache`: the CacheCoordinator's word on bumps, leases, heat and runway; what the world's requests for shared
 * answers came to, by route and tier; and what this isolate keeps, by route.
 */
export async function adminCache(state: IsolateState, { sharedRoute }: Pick<AdminCall, "sharedRoute">) {
  const [word, { totals, ageMs: countedAgoMs, trouble: missing }] = await Promise.all([
    askOwner(state, (objects) => objects.cache((stub) => stub.admin())),
    worldTotals(state),
  ]);
  const { database, shared, config } = state;
  const held = database.view.bumps;
  const now = Date.now();
  return {
    mode: config.modes.cache,
    kvWritesADay: config.cacheKvWritesADay,
    ...(word.said ? { ageMs: word.ageMs, ...word.said } : { trouble: word.trouble }),
    world: {
      ageMs: countedAgoMs,
      ...(missing === undefined ? {} : { trouble: missing }),
      ...worldShared(totals),
      refreshes: worldCounts(totals, "breakwater_cache_refreshes_total"),
      audits: worldCounts(totals, "breakwater_cache_audits_total"),
      observed: worldCounts(totals, "breakwater_cache_observed_total"),
    },
    isolate: {
      seq: held?.part.seq ?? null,
      ageMs: held ? ageOf(held, now) : null,
      droppedBumps: database.ledger.droppedBumps,
      runwayMs: shared?.door.cache.runwayMs(now) ?? null,
      memory: shared
        ? { ...shared.memory.stats(), routes: memoryByRoute(shared.memory.copies(), sharedRoute, now) }
        : null,
      tiers:
        shared?.farther.map(({ name, trouble }) => ({ name, ...(trouble === undefined ? {} : { trouble }) })) ?? [],
      dearestMisses: shared?.misses.dearest(SHOWN_MISSES) ?? [],
    },
  };
}
