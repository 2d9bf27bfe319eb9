import type { SeenIndex } from "./indexStates.ts";
import type { Session } from "./session.ts";

/** What a btree entry takes beside its key: item pointer and header; pages are filled to nine tenths. */
const ENTRY_BYTES = 16;
const FILL = 0.9;

/**
 * Size of an index that is not there, by the table's statistics: for plans, which send no DDL. Knows nothing of
 * predicates or of GIN's lists, so it is an upper bound for most; a deploy builds a sample first.
 */
export async function estimates(session: Session, absent: readonly SeenIndex[]): Promise<ReadonlyMap<string, number>> {
  const rows = await session.ask<{ name: string; bytes: number }>(
    `SELECT w.name, (greatest(t.reltuples, 0) * (${ENTRY_BYTES} + COALESCE((
        SELECT sum(s.avg_width) FROM pg_stats s
        WHERE s.schemaname = 'public' AND s.tablename = w.relation AND s.attname = ANY (w.columns)), 8)) / ${FILL})::float8 AS bytes
      FROM jsonb_to_recordset($1) AS w(name text, relation text, columns text[])
      JOIN pg_class t ON t.oid = to_regclass('public.' || quote_ident(w.relation))`,
    [
      JSON.stringify(
        absent.map(({ entry }) => ({ name: entry.name, relation: entry.table, columns: keyColumns(entry) })),
      ),
    ],
  );
  return new Map(rows.map(({ name, bytes }) => [name, Math.round(bytes)]));
}

/** Without those of the predicate alone, which take no room. */
function keyColumns({ columns, definition }: SeenIndex["entry"]): readonly string[] {
  const [keys = ""] = definition.split(/\bWHERE\b/i);
  return columns.filter((column) => keys.includes(column));
}
