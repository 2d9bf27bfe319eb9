import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { makeKeys, makeTable, type SourceTable } from "./makeTable.ts";
import { ProofError } from "./proofError.ts";
import { whyNotHere } from "./whyNotHere.ts";

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
 * writer would notice. Tables that it has and the clone does not, or not so, are made in the clone, and indexes.
 */
export async function copyDatabase(
  source: Client,
  clone: Client,
  onProgress: (step: string) => void = () => {},
): Promise<void> {
  await source.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = public");
  try {
    await copySettings(source, clone);
    await clone.query("SET session_replication_role = replica"); // triggers have done their work at the source
    await copyNamespaces(source, clone);
    const tables = await tablesOf(source);
    if (tables.length === 0) throw new ProofError("The database has no tables: migrate it, and fill it.");
    const there = new Map((await tablesOf(clone)).map((each) => [each.table, each.columns]));
    for (const each of tables) {
      const { table } = each;
      onProgress(table);
      const isOurs = there.get(table) === each.columns;
      const columns = isOurs ? each.columns : each.allColumns; // of one that is made anew none is generated
      // A migration may have put rows there.
      if (isOurs) await clone.query(`DELETE FROM ${table}`);
      else await makeTable(source, clone, each);
      await pipeline(
        source.query(copyTo(`COPY (SELECT ${columns} FROM ONLY ${table}) TO STDOUT`)),
        clone.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`)),
      );
      if (!isOurs) await makeKeys(source, clone, each);
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

interface CopiedTable extends SourceTable {
  /** Those that can be written. */
  readonly columns: string;
  readonly allColumns: string;
}

/** All tables but the core's and the server's own. */
async function tablesOf(client: Client): Promise<readonly CopiedTable[]> {
  const { rows } = await client.query<CopiedTable>(
    `SELECT c.oid::text AS oid, format('%I.%I', n.nspname, c.relname) AS table,
      coalesce(string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''), '') AS columns,
      string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS "allColumns"
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND ${IS_USERS}
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    GROUP BY c.oid, n.nspname, c.relname ORDER BY n.nspname <> 'public', c.relname`,
  );
  return rows;
}

const IS_USERS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'breakwater') AND n.nspname !~ '^pg_'";

/** Schemas, and the extensions that column types and operator classes come from, as far as the clone's server has them. */
async function copyNamespaces(source: Client, clone: Client): Promise<void> {
  const { rows: schemas } = await source.query<{ schema: string }>(
    `SELECT quote_ident(n.nspname) AS schema FROM pg_namespace n WHERE ${IS_USERS}`,
  );
  for (const { schema } of schemas) await clone.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  const { rows: extensions } = await source.query<{ name: string; schema: string }>(
    `SELECT quote_ident(extname) AS name, extnamespace::regnamespace::text AS schema
    FROM pg_extension WHERE extname NOT IN ('plpgsql', 'pg_stat_statements')`,
  );
  for (const { name, schema } of extensions) {
    // One that is not there is told by the first table or index that needs it.
    await clone.query(`CREATE EXTENSION IF NOT EXISTS ${name} SCHEMA ${schema}`).catch(() => {});
  }
}

/** Indexes that the clone has not yet. */
async function copyIndexes(source: Client, clone: Client): Promise<void> {
  const { rows } = await source.query<{ name: string; definition: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, pg_get_indexdef(c.oid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${IS_USERS} AND i.indisvalid AND c.relkind = 'i'`,
  );
  for (const { name, definition } of rows) {
    const { rows: there } = await clone.query<{ index: string | null }>("SELECT to_regclass($1)::text AS index", [
      name,
    ]);
    if (there[0]?.index != null) continue;
    await clone.query(definition).catch((cause) => {
      throw new ProofError(`The index ${name} cannot be made in a copy: ${whyNotHere(cause)}.`, { cause });
    });
  }
}
