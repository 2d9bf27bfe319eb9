import type { Sample } from "../sample.ts";

/** One query that the database is asked, by whoever counted it. */
export interface WorkloadQuery {
  /** Of a named query of the application; undefined: only its text is known. */
  readonly name: string | undefined;
  /** As `pg_stat_statements` has it, constants made `$n`; of a Worker's own statistics there is none. */
  readonly text: string | undefined;
  readonly source: "pg_stat_statements" | "worker";
  readonly calls: number;
  readonly totalMs: number;
  /** Its slow end where it is known, else its mean. */
  readonly slowMs: number;
}

/** What a query is run with on a clone. */
export interface RunnableQuery {
  readonly query: WorkloadQuery;
  /** A write is run for the candidates that are meant for it alone: any index makes others read more. */
  readonly kind: "read" | "write";
  readonly samples: readonly Sample[];
}
