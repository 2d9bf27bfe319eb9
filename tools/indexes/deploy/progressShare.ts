import { MOST_BEFORE_VALID } from "./constants.ts";

/** A row of pg_stat_progress_create_index. */
export interface ProgressRow {
  readonly phase: string;
  readonly blocksTotal: number;
  readonly blocksDone: number;
  readonly tuplesTotal: number;
  readonly tuplesDone: number;
}

/** Where each phase begins and how much of a build it is, as measured; the waits take no share of their own. */
const PHASES: readonly (readonly [phase: RegExp, from: number, share: number])[] = [
  [/^initializing/, 0, 0],
  [/^waiting for writers before build/, 0, 0],
  [/^building index: scanning table/, 0.02, 0.4],
  [/^building index: sorting/, 0.42, 0.1],
  [/^building index: loading/, 0.52, 0.18],
  [/^building index/, 0.02, 0.68],
  [/^waiting for writers before validation/, 0.7, 0],
  [/^index validation: scanning index/, 0.7, 0.1],
  [/^index validation: sorting/, 0.8, 0.05],
  [/^index validation: scanning table/, 0.85, 0.13],
  [/^waiting for old snapshots/, 0.98, 0],
  [/^waiting for readers/, 0.98, 0],
];

/** How much of a build is done, from 0 to 0.99: the rest is the catalogue's to say. Not monotonic by itself. */
export function progressShare(row: ProgressRow): number {
  const [, from = 0, share = 0] = PHASES.find(([phase]) => phase.test(row.phase)) ?? [];
  // A phase counts blocks or tuples, or neither (GIN's scan of itself shows 0 of 0).
  const done = Math.max(ratio(row.blocksDone, row.blocksTotal), ratio(row.tuplesDone, row.tuplesTotal));
  return Math.min(MOST_BEFORE_VALID, from + share * done);
}

function ratio(done: number, total: number): number {
  return total > 0 ? Math.min(1, done / total) : 0;
}
