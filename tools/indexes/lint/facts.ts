import type { UpdatedColumns } from "../../../sql/indexes/updatedColumns.ts";

/** What the lints know beside the entries. */
export interface LintFacts {
  /** Indexes that come with a table: of its primary key and its unique constraints. */
  readonly constraints: readonly ConstraintIndex[];
  readonly updated: Readonly<Record<string, UpdatedColumns>>;
  /** Every text of every named query. */
  readonly texts: readonly QueryText[];
}

export interface ConstraintIndex {
  readonly name: string;
  /** `follows (follower_id, creator_id)`. */
  readonly definition: string;
}

export interface QueryText {
  readonly name: string;
  readonly shape: string | undefined;
  readonly text: string;
}
