/**
 * The index catalogue: candidates as data, each with the named queries it is for, its proof, its price and a verdict.
 * One file a table; `catalogue.ts` has them all. Deployed by `npm run cli -- indexes`, proved by `indexes prove`.
 */

/** 1: sign-in and browsing; 2: lists and expiry; 3: measured extras. */
export type Phase = 1 | 2 | 3;

/** `ship`: deployed with its phase. `optional`: where `when` holds. `rejected`: measured, and not worth its writes. */
export type Verdict =
  | { readonly kind: "ship" }
  | { readonly kind: "optional"; readonly when: string }
  | { readonly kind: "rejected"; readonly reason: string };

/** What a plan with the index must look like for a query: warm buffers for common and for rare parameters. */
export interface Proof {
  /** A named query of the application. */
  readonly query: string;
  /** Which of its texts or plans, where a name has several: `newest+genre`, `rare-words`; see `Sample`. Default: all. */
  readonly shape?: string;
  /** The plan reads this index, and sorts nothing. Default true. */
  readonly isOrdered?: boolean;
  /** False: the planner may as well choose another that is shipped; buffers and order are bounded all the same. */
  readonly isChosen?: boolean;
  /**
   * Of a clean-up, in batches: measured where it has nothing left to do, which is where every night ends. While much is
   * left, the table's own order is as cheap. Default false.
   */
  readonly isFinished?: boolean;
  readonly maxBuffers: { readonly common: number; readonly rare: number };
}

/** What its writes may cost, measured per table against primary keys and constraints alone. */
export interface WriteBudget {
  /** WAL bytes of an insert, as a ratio. */
  readonly walPerInsert: number;
  /** Points of HOT share that updates may lose. */
  readonly hotLoss: number;
}

export interface IndexEntry {
  /** At most 63 bytes: Postgres would cut it off in silence. */
  readonly name: string;
  readonly table: string;
  /** Every column that the definition mentions: a database without them skips the entry, and says why. */
  readonly columns: readonly string[];
  /** What follows `ON`: `pitches (created_at DESC, id DESC) WHERE status = 'published'`. */
  readonly definition: string;
  readonly isUnique?: boolean;
  readonly phase: Phase;
  /** Named queries that it serves. */
  readonly queries: readonly string[];
  readonly proofs: readonly Proof[];
  readonly writeBudget: WriteBudget;
  /** When it is to be dropped again. */
  readonly dropRule: string;
  readonly verdict: Verdict;
  /** The owner's own, as the owner wrote it. Default false. */
  readonly isOwners?: boolean;
}
