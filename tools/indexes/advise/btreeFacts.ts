import type { ClientBase } from "pg";
import type { BtreeShape } from "./estimatedPages.ts";

/** One btree with what statistics know of its rows. */
export interface BtreeFacts extends BtreeShape {
  readonly schema: string;
  readonly name: string;
  /** With its schema, quoted as SQL needs it. */
  readonly qualified: string;
  readonly pages: number;
  /** Share of the leaves' space that is free, by pgstattuple, where that is there. */
  readonly leafFreeShare: number | null;
  /** Statistics are missing of a column: nothing can be estimated. */
  readonly isKnown: boolean;
}

/**
 * Valid btrees of the user's own tables. Rows are estimated from the table's, times what its predicate lets through,
 * which `reltuples` of a partial index has. With pgstattuple the pages themselves are looked at, those of `leastBytes`.
 */
export async function btreeFacts(
  client: ClientBase,
  { leastBytes }: { readonly leastBytes: number },
): Promise<readonly BtreeFacts[]> {
  const { rows: extensions } = await client.query<{ schema: string }>(
    `SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pgstattuple'
      AND has_function_privilege(extnamespace::regnamespace::text || '.pgstatindex(regclass)', 'EXECUTE')`,
  );
  const [pgstattuple] = extensions;
  const { rows } = await client.query<BtreeFacts & { readonly oid: string }>(BTREES, [leastBytes]);
  if (pgstattuple === undefined) return rows;
  const looked: BtreeFacts[] = [];
  for (const btree of rows) {
    const { rows: leaves } = await client.query<{ free: number | null }>(
      `SELECT 1 - avg_leaf_density / 100 AS free FROM ${pgstattuple.schema}.pgstatindex($1::oid::regclass)`,
      [btree.oid],
    );
    const free = leaves[0]?.free;
    looked.push({ ...btree, leafFreeShare: free == null || Number.isNaN(free) ? null : free });
  }
  return looked;
}

const BTREES = `SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name,
  quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified,
  (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS pages,
  greatest(c.reltuples, 0)::float8 AS rows, current_setting('block_size')::int AS "pageBytes",
  coalesce(substring(array_to_string(c.reloptions, ' ') FROM 'fillfactor=([0-9]+)')::int, 90) AS "fillFactor",
  k.columns, k.known = i.indnatts AND c.reltuples >= 0 AS "isKnown", NULL AS "leafFreeShare"
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am am ON am.oid = c.relam AND am.amname = 'btree'
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object('widthBytes', s.avg_width, 'nullShare', s.null_frac)), '[]') AS columns,
    count(s.avg_width) AS known
  FROM pg_attribute ia
  LEFT JOIN pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = i.indkey[ia.attnum - 1] AND ta.attnum <> 0
  -- Statistics of an expression are kept under the index's own name.
  LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND NOT s.inherited
    AND s.tablename = CASE WHEN ta.attnum IS NULL THEN c.relname ELSE t.relname END
    AND s.attname = coalesce(ta.attname, ia.attname)
  WHERE ia.attrelid = c.oid
) k
WHERE i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
  AND pg_relation_size(c.oid) >= $1
ORDER BY pages DESC`;
