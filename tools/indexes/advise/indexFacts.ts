import type { ClientBase } from "pg";

/** One index as the catalogue has it, with this node's counters. */
export interface IndexFacts {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** With its schema, quoted as SQL needs it. */
  readonly qualified: string;
  readonly definition: string;
  readonly isUnique: boolean;
  readonly isValid: boolean;
  /** Writes go into it. */
  readonly isReady: boolean;
  /** `ON ONLY` a partitioned table: invalid until every part has its own. */
  readonly isPartitioned: boolean;
  readonly isReplicaIdentity: boolean;
  /** The constraint that it is. */
  readonly constraint: string | null;
  /** A foreign key that looks for rows by its first columns, when what it points to is deleted or changed. */
  readonly foreignKey: string | null;
  /** Of an invalid one: who builds or drops it just now. */
  readonly builderPid: number | null;
  readonly scans: number;
  readonly bytes: number;
}

/** All indexes of the user's own tables. */
export async function indexFacts(client: ClientBase): Promise<readonly IndexFacts[]> {
  const { rows } = await client.query<IndexFacts>(INDEXES);
  return rows;
}

/** In a partial index a foreign key cannot look for all rows. */
const FOREIGN_KEY = `(SELECT min(k.conname) FROM pg_constraint k
  WHERE k.conrelid = i.indrelid AND k.contype = 'f' AND i.indpred IS NULL
    AND cardinality(k.conkey) <= i.indnkeyatts
    AND k.conkey::int2[] <@ (i.indkey::int2[])[0:cardinality(k.conkey) - 1])`;

/**
 * Builds of roles that this one may not look at show a pid alone: the lock on the table tells whose it is. A drop is in
 * no progress view; its lock on the index tells it.
 */
const BUILDER = `coalesce(
  (SELECT min(p.pid) FROM pg_stat_progress_create_index p
    WHERE p.datname = current_database() AND (p.index_relid = i.indexrelid OR p.relid IS NULL AND EXISTS (
      SELECT FROM pg_locks l
      WHERE l.pid = p.pid AND l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock'))),
  (SELECT min(l.pid) FROM pg_locks l
    WHERE l.relation = i.indexrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())))`;

const INDEXES = `SELECT n.nspname AS schema, t.relname AS table, c.relname AS name,
  quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified,
  pg_get_indexdef(i.indexrelid) AS definition, i.indisunique AS "isUnique", i.indisvalid AS "isValid",
  i.indisready AS "isReady", c.relkind = 'I' AS "isPartitioned", i.indisreplident AS "isReplicaIdentity",
  (SELECT min(k.conname) FROM pg_constraint k
    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')) AS constraint,
  ${FOREIGN_KEY} AS "foreignKey",
  CASE WHEN i.indisvalid THEN NULL ELSE ${BUILDER} END AS "builderPid",
  coalesce(s.idx_scan, 0)::float8 AS scans, pg_relation_size(i.indexrelid)::float8 AS bytes
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND n.nspname !~ '^pg_temp'
  AND NOT c.relispartition
ORDER BY 1, 2, 3`;
