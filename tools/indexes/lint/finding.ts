/** What can be wrong with an index before anybody measures it. */
type LintRule =
  | "pinned-column"
  | "redundant-prefix"
  | "duplicate"
  | "absent-filter"
  | "missing-tie-breaker"
  | "hot-column"
  | "long-name"
  | "nulls-order";

/** One thing that is wrong, with what shows it. */
export interface LintFinding {
  readonly entry: string;
  readonly rule: LintRule;
  /** A sentence: what it is, and by what it can be seen. */
  readonly message: string;
  /** The definition without the fault, where there is one: what to measure beside it. */
  readonly fixed?: string;
}
