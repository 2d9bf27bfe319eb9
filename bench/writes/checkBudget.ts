import type { IndexEntry } from "../../sql/indexes/entry.ts";
import { rounded } from "../../tools/indexes/prove/latencyOf.ts";
import type { WriteCost } from "../../tools/indexes/prove/writeCost.ts";

/** What one entry costs its table's writers, alone on top of keys and constraints, and what it may. */
export interface BudgetResult {
  readonly entry: string;
  readonly walRatio: number;
  readonly maxWalRatio: number;
  /** Points of HOT share; undefined where rows of the table never change. */
  readonly hotLoss: number | undefined;
  readonly maxHotLoss: number;
  readonly isKept: boolean;
}

/** Holds an entry's write budget against a measurement. */
export function checkBudget(entry: IndexEntry, none: WriteCost, alone: WriteCost): BudgetResult {
  const walRatio = rounded(alone.walPerInsert / none.walPerInsert);
  const hotLoss =
    none.hotShare === undefined || alone.hotShare === undefined ? undefined : rounded(none.hotShare - alone.hotShare);
  const { walPerInsert: maxWalRatio, hotLoss: maxHotLoss } = entry.writeBudget;
  const isKept = walRatio <= maxWalRatio && (hotLoss ?? 0) <= maxHotLoss;
  return { entry: entry.name, walRatio, maxWalRatio, hotLoss, maxHotLoss, isKept };
}
