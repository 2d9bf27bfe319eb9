import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { SCHEMA } from "./constants.ts";
import type { FoundRelation, IndexFacts, LastAction } from "./facts.ts";
import { type LedgerRow, lastActions } from "./ledger.ts";
import type { Session } from "./session.ts";
import { namedOpclasses } from "./state.ts";

interface Row {
  readonly name: string;
  readonly table_oid: number | null;
  readonly table_kind: string | null;
  readonly missing_columns: string[];
  readonly missing_opclasses: string[];
  readonly oid: number | null;
  readonly kind: string;
  readonly on_table: string | null;
  readonly is_on_ours: boolean | null;
  readonly is_valid: boolean | null;
  readonly is_ready: boolean | null;
  readonly is_live: boolean | null;
  readonly is_unique: boolean | null;
  readonly has_expressions: boolean | null;
  readonly needs_analyze: boolean | null;
  readonly definition: string | null;
  readonly constraint_name: string | null;
  readonly bytes: string;
  readonly busy: { pid: number; command: string } | null;
}

/**
 * Reads relpages and never pg_relation_size(), which would wait for whoever alters the table. Builds of roles that this
 * one may not look at show a pid alone in the progress view: the lock on the table tells whose it is. A drop is in no
 * progress view at all; its lock on the index tells it.
 */
const OBSERVE = `
  SELECT w.name, t.oid AS table_oid, t.relkind AS table_kind, i.oid, i.relkind AS kind, i.relpages::bigint * 8192 AS bytes,
    ARRAY(SELECT c FROM unnest(w.columns) c WHERE t.oid IS NOT NULL AND NOT EXISTS (
      SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = c AND NOT a.attisdropped)) AS missing_columns,
    ARRAY(SELECT o FROM unnest(w.opclasses) o WHERE NOT EXISTS (
      SELECT FROM pg_opclass p WHERE p.opcname = o AND pg_opclass_is_visible(p.oid))) AS missing_opclasses,
    on_table.oid::regclass::text AS on_table, x.indrelid = t.oid AS is_on_ours, x.indisvalid AS is_valid,
    x.indisready AS is_ready, x.indislive AS is_live, x.indisunique AS is_unique,
    x.indexprs IS NOT NULL AS has_expressions, pg_get_indexdef(x.indexrelid) AS definition,
    (SELECT c.conname FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x') LIMIT 1) AS constraint_name,
    (t.relpages > 0 OR i.relpages > 1) AND (
      (s.last_analyze IS NULL AND s.last_autoanalyze IS NULL)
      OR x.indexprs IS NOT NULL AND i.reltuples > 0 AND NOT EXISTS (
        SELECT FROM pg_stats g WHERE g.schemaname = $2::text AND g.tablename = i.relname)
    ) AS needs_analyze,
    COALESCE(
      (SELECT jsonb_build_object('pid', p.pid, 'command', COALESCE(p.command, 'CREATE INDEX'))
        FROM pg_stat_progress_create_index p
        WHERE p.datname = current_database() AND p.pid <> ALL ($3) AND (p.index_relid = i.oid OR p.relid IS NULL AND EXISTS (
          SELECT FROM pg_locks l WHERE l.pid = p.pid AND l.relation = t.oid AND l.mode = 'ShareUpdateExclusiveLock'))
        LIMIT 1),
      (SELECT jsonb_build_object('pid', l.pid, 'command', 'DROP INDEX CONCURRENTLY')
        FROM pg_locks l WHERE l.relation = i.oid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.pid <> ALL ($3) LIMIT 1)
    ) AS busy
  FROM jsonb_to_recordset($1) AS w(name text, relation text, columns text[], opclasses text[])
  LEFT JOIN pg_class t ON t.relname = w.relation AND t.relnamespace = $2::text::regnamespace
  LEFT JOIN pg_stat_all_tables s ON s.relid = t.oid
  LEFT JOIN pg_class i ON i.relname = w.name AND i.relnamespace = $2::text::regnamespace
  LEFT JOIN pg_index x ON x.indexrelid = i.oid
  LEFT JOIN pg_class on_table ON on_table.oid = x.indrelid`;

/** What to look at: an entry, or one of its names. */
export type Wanted = Pick<IndexEntry, "name" | "table" | "columns" | "definition">;

/** The facts of each, in their order. `own`: pids of this deployer's sessions, whose locks are not somebody else's. */
export async function observe(
  session: Session,
  wanted: readonly Wanted[],
  own: readonly number[] = [],
): Promise<IndexFacts[]> {
  const asked = wanted.map((each) => ({
    name: each.name,
    relation: each.table,
    columns: each.columns,
    opclasses: namedOpclasses(each),
  }));
  const rows = await session.ask<Row>(OBSERVE, [JSON.stringify(asked), SCHEMA, [...own, session.pid]]);
  const last = await lastActions(
    session,
    wanted.map(({ name }) => name),
  );
  const byName = new Map(rows.map((row) => [row.name, row]));
  return wanted.map(({ name }) => factsOf(name, byName.get(name), last.get(name)));
}

function factsOf(name: string, row: Row | undefined, actions: readonly LedgerRow[] | undefined): IndexFacts {
  if (!row) throw new Error(`the database said nothing of ${name}`);
  return {
    name,
    table: {
      oid: row.table_oid ?? undefined,
      kind: row.table_kind ?? undefined,
      missingColumns: row.missing_columns,
      missingOpclasses: row.missing_opclasses,
    },
    found: foundIn(row),
    busy: row.busy ?? undefined,
    last: lastOf(actions),
  };
}

function foundIn(row: Row): FoundRelation | undefined {
  if (row.oid === null) return undefined;
  return {
    oid: row.oid,
    kind: row.kind,
    onTable: row.on_table ?? undefined,
    isOnOurTable: row.is_on_ours === true,
    isValid: row.is_valid === true,
    isReady: row.is_ready === true,
    isLive: row.is_live === true,
    isUnique: row.is_unique === true,
    hasExpressions: row.has_expressions === true,
    needsAnalyze: row.needs_analyze === true,
    definition: row.definition ?? "",
    constraint: row.constraint_name ?? undefined,
    bytes: Number(row.bytes),
  };
}

/** Of builds, drops and adoptions: a pause or an ANALYZE says nothing of what there is. */
function lastOf(actions: readonly LedgerRow[] | undefined): LastAction | undefined {
  const telling = (actions ?? []).filter(({ action }) => ["build", "drop", "rename", "adopt"].includes(action));
  const newest = telling.at(-1);
  if (!newest) return undefined;
  let isOurs = false;
  for (const { action, state } of telling) {
    if (action === "build" || action === "rename") isOurs = true;
    if (action === "adopt" || (action === "drop" && state === "done")) isOurs = false;
  }
  const { action, state, statement, definition } = newest;
  return { action, state, statement, definition: definition ?? undefined, isOurs };
}
