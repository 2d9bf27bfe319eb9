import type { LocationHint } from "../../src/rpc/locationHint.ts";

/** Regions and their share of all isolates: one holds 40 %, as on a site whose visitors are mostly of one continent. */
export const REGION_SHARES: readonly (readonly [LocationHint, number])[] = [
  ["enam", 0.4],
  ["weur", 0.15],
  ["wnam", 0.12],
  ["apac", 0.1],
  ["eeur", 0.08],
  ["sam", 0.05],
  ["oc", 0.04],
  ["me", 0.03],
  ["afr", 0.03],
];

/** Isolates in a colo: 330 colos hold 16,500. */
export const ISOLATES_PER_COLO = 50;

export const NODES = ["node-1", "node-2", "node-3"] as const;

/** The grain of the count: what happens within one tick happens at its beginning. */
export const TICK_MS = 10;

/**
 * Prices of the paid plan, dollars (`docs/design/world.md` says from where): a million object requests, a million
 * GB-seconds at 128 MB an object, a million rows written; and what of each a month includes.
 */
export const PRICE = { requests: 0.15, gigabyteSeconds: 12.5, rows: 1 } as const;
export const INCLUDED = { requests: 1e6, gigabyteSeconds: 400_000, rows: 50e6 } as const;
export const OBJECT_GIGABYTES = 0.128;
export const MONTH_S = 2_592_000;
export const DAY_S = 86_400;

/** A day of the free plan: object requests, GB-seconds, rows written. */
export const FREE_DAY = { requests: 100_000, gigabyteSeconds: 13_000, rows: 100_000 } as const;

/** What the crons call objects for: a run each minute and one each five, each begun and ended in the journal. */
export const CRON_CALLS_PER_DAY = 2 * (1_440 + 288);
