import type { ClientBase } from "pg";

/** Rows written to each table since its counters began, as far as an index pays for them; and its pages. */
export interface TableWrites {
  /** As SQL writes it: with its schema where that is not `public`. */
  readonly sqlName: string;
  readonly writes: number;
  readonly pages: number;
  /** Of its updates, those that touched no index; null where there were none. */
  readonly hotShare: number | null;
}

/** By `schema.table`. Of the primary. */
export async function tableWrites(client: ClientBase): Promise<ReadonlyMap<string, TableWrites>> {
  const { rows } = await client.query<{ name: string } & TableWrites>(
    // An update that moves within its page (HOT) writes into no index.
    `SELECT s.schemaname || '.' || s.relname AS name,
      CASE s.schemaname WHEN 'public' THEN format('%I', s.relname) ELSE format('%I.%I', s.schemaname, s.relname) END AS "sqlName",
      (s.n_tup_ins + s.n_tup_upd - s.n_tup_hot_upd)::float8 AS writes,
      (pg_relation_size(s.relid) / current_setting('block_size')::int)::float8 AS pages,
      round(s.n_tup_hot_upd::numeric / nullif(s.n_tup_upd, 0), 4)::float8 AS "hotShare"
    FROM pg_stat_user_tables s`,
  );
  return new Map(rows.map(({ name, ...writes }) => [name, writes]));
}
