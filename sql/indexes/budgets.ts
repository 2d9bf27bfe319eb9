import type { WriteBudget } from "./entry.ts";

/** What an index may cost each write of its table, against the table with its constraints alone. */

/** One more btree: its key once for each row, and no update gives up HOT for it. */
export const BTREE: WriteBudget = { walPerInsert: 1.5, hotLoss: 2 };

/** A btree over few rows (partial) or few values (equal keys share an entry). */
export const SMALL_BTREE: WriteBudget = { walPerInsert: 1.25, hotLoss: 2 };

/** Of narrow tables, whose rows are hardly larger than a key: the ratio says less there. */
export const NARROW_TABLE: WriteBudget = { walPerInsert: 2, hotLoss: 2 };

/** An entry for each word: the dearest there is. */
export const GIN: WriteBudget = { walPerInsert: 5, hotLoss: 2 };

/** Over what updates change, and worth it: each such entry says why at its verdict's place. */
export function overHotColumns(budget: WriteBudget): WriteBudget {
  return { ...budget, hotLoss: 100 };
}
