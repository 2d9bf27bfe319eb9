/** What the database says of one index of the catalogue, read in one query; nothing in it is remembered by a client. */
export interface IndexFacts {
  readonly name: string;
  readonly table: TableFacts;
  /** Whatever bears the name. */
  readonly found: FoundRelation | undefined;
  /** Who builds or drops it just now. */
  readonly busy: Busy | undefined;
  /** The ledger's last word on it. */
  readonly last: LastAction | undefined;
}

interface TableFacts {
  readonly oid: number | undefined;
  /** `r`: a table; `p`: a partitioned one. */
  readonly kind: string | undefined;
  readonly missingColumns: readonly string[];
  readonly missingOpclasses: readonly string[];
}

export interface FoundRelation {
  readonly oid: number;
  /** `i`: an index; `I`: one of a partitioned table; any other: no index at all. */
  readonly kind: string;
  /** The index's table, with its schema; undefined where it is no index. */
  readonly onTable: string | undefined;
  readonly isOnOurTable: boolean;
  readonly isValid: boolean;
  /** Maintained by every write, and, if unique, enforced. */
  readonly isReady: boolean;
  readonly isLive: boolean;
  readonly isUnique: boolean;
  readonly hasExpressions: boolean;
  /** Expressions without statistics on a table with rows, or a table that was never analysed. */
  readonly needsAnalyze: boolean;
  /** By pg_get_indexdef. */
  readonly definition: string;
  /** The constraint that it belongs to. */
  readonly constraint: string | undefined;
  readonly bytes: number;
}

export interface Busy {
  readonly pid: number;
  /** `CREATE INDEX CONCURRENTLY`, `DROP INDEX CONCURRENTLY` … */
  readonly command: string;
}

export interface LastAction {
  readonly action: string;
  readonly state: string;
  readonly statement: string;
  readonly definition: string | undefined;
  /** Built by us and not dropped since: a rollback may drop it. */
  readonly isOurs: boolean;
}
