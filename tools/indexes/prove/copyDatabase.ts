import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { ProofError } from "./proofError.ts";

/** What decides between plans: a proof is of the source's planner, not of ours. */
const PLANNER_SETTINGS = [
  "seq_page_cost",
  "random_page_cost",
  "cpu_tuple_cost",
  "cpu_index_tuple_cost",
  "cpu_operator_cost",
  "effective_cache_size",
  "work_mem",
  "hash_mem_multiplier",
  "default_statistics_target",
] as const;

/**
 * Fills a migrated, empty clone with the rows of a database, all of one moment, and takes over its planner's settings.
 * The source is only read, in one transaction; it gets no statement that changes anything, not even a lock that a
 * writer would notice. Indexes that it has and the clone does not are made in the clone.
 */
export async function copyDatabase(
  source: Client,
  clone: Client,
  onProgress: (step: string) => void = () => {},
): Promise<void> {
  await source.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    await copySettings(source, clone);
    await clone.query("SET session_replication_role = replica"); // triggers have done their work at the source
    const tables = await tablesOf(source);
    if (tables.length === 0) throw new ProofError("The database has no tables: migrate it, and fill it.");
    for (const { table, columns } of tables) {
      onProgress(table);
      await clone.query(`DELETE FROM ${table}`); // what a migration put there
      await pipeline(
        source.query(copyTo(`COPY ${table} (${columns}) TO STDOUT`)),
        clone.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`)),
      );
    }
    await clone.query("SET session_replication_role = origin");
    await copyIndexes(source, clone);
  } finally {
    await source.query("ROLLBACK");
  }
}

async function copySettings(source: Client, clone: Client): Promise<void> {
  const { rows } = await source.query<{ name: string; value: string }>(
    "SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name",
    [PLANNER_SETTINGS],
  );
  for (const { name, value } of rows) {
    const { rows: statements } = await clone.query<{ statement: string }>(
      "SELECT format('ALTER DATABASE %I SET %I = %L', current_database(), $1::text, $2::text) AS statement",
      [name, value],
    );
    await clone.query(statements[0]?.statement ?? "");
    await clone.query("SELECT set_config($1, $2, false)", [name, value]);
  }
}

/** The marketplace's tables with their columns, as SQL has to write them. */
async function tablesOf(source: Client): Promise<readonly { readonly table: string; readonly columns: string }[]> {
  const { rows } = await source.query<{ table: string; columns: string }>(
    `SELECT c.oid::regclass::text AS table, string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.oid, c.relname ORDER BY c.relname`,
  );
  return rows;
}

async function copyIndexes(source: Client, clone: Client): Promise<void> {
  const { rows } = await source.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid`,
  );
  for (const { name, definition } of rows) {
    const there = await clone.query("SELECT 1 FROM pg_class WHERE relname = $1", [name]);
    if (there.rowCount === 0) await clone.query(definition);
  }
}
