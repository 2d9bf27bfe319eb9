import type { WriteBudget } from "./entry.ts";

/** What an index may cost each write of its table, against the table with its constraints alone. */

/** One more btree: its key once for each row, and no update gives up HOT for it. */
export const BTREE: WriteBudget = { walPerInsert: 1.5, hotLoss: 2 };

/** A btree over few rows (partial) or few values (equal keys share an entry). */
export const SMALL_BTREE: WriteBudget = { walPerInsert: 1.25, hotLoss: 2 };

/**
 * A list's key, two ids and a time at random places, or a key over a text: some 200 bytes of WAL, splits of pages
 * counted, where a row of its table takes 280 to 390.
 */
export const WIDE_KEY: WriteBudget = { walPerInsert: 1.85, hotLoss: 2 };

/** Of narrow tables, whose rows are hardly larger than a key: the ratio says less there. */
export const NARROW_TABLE: WriteBudget = { walPerInsert: 2, hotLoss: 2 };

/** An entry for each word: the dearest there is. */
export const GIN: WriteBudget = { walPerInsert: 5, hotLoss: 2 };

/** Over what updates change, and worth it: each such entry says why at its verdict's place. */
export function overHotColumns(budget: WriteBudget): WriteBudget {
  return { ...budget, hotLoss: 100 };
}

/** What all shipped indexes of a table together may cost its inserts, where no table of the list below says more. */
export const TABLE_WAL_PER_INSERT = 2;

/** Tables whose inserts may cost more, each for its reason. */
export const DEARER_TABLES: Readonly<Record<string, { readonly walPerInsert: number; readonly because: string }>> = {
  pitches: {
    walPerInsert: 3.2,
    because:
      "as published at once, which the application never does: a draft writes one index of the five; a pitch is read thousands of times in four lists",
  },
  pitch_search: { walPerInsert: 5, because: "an entry for each word" },
  follows: { walPerInsert: 2.4, because: "read from both ends, by who follows and by who is followed" },
  investments: { walPerInsert: 3, because: "listed for both parties, and one that stands for each pair; few are made" },
  nda_requests: { walPerInsert: 2.4, because: "listed for both parties" },
  notifications: { walPerInsert: 2.4, because: "each page asks for the unread ones" },
};
