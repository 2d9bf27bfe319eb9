import type { ClientBase } from "pg";
import { STALE_GROWTH } from "./constants.ts";
import type { MeasuredTable, Measurement } from "./measurement.ts";

/** Settings that change plans or what is in memory. */
const SETTINGS = [
  "shared_buffers",
  "effective_cache_size",
  "work_mem",
  "random_page_cost",
  "effective_io_concurrency",
  "jit",
  "max_parallel_workers_per_gather",
];

/** Pages that any table may grow by without its statistics being called old. */
const SMALL_GROWTH_PAGES = 16;

/** What a measurement is worth: the server, the tables with the age of their statistics, the indexes that plans use. */
export async function databaseFacts(client: ClientBase): Promise<Pick<Measurement, "postgres" | "tables" | "indexes">> {
  const { rows: settings } = await client.query<{ name: string; value: string }>(
    `SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1)
    UNION ALL SELECT 'server_version', split_part(current_setting('server_version'), ' ', 1)`,
    [SETTINGS],
  );
  const values = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  const { server_version: version = "unknown", ...others } = values;
  const { rows: indexes } = await client.query<Measurement["indexes"][number]>(
    `SELECT c.relname AS name, t.relname AS table, pg_get_indexdef(c.oid) AS definition,
      pg_relation_size(c.oid)::float8 AS bytes
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid ORDER BY 2, 1`,
  );
  return { postgres: { version, settings: others }, tables: await tableFacts(client), indexes };
}

async function tableFacts(client: ClientBase): Promise<MeasuredTable[]> {
  const { rows } = await client.query<{
    name: string;
    rows: number;
    bytes: number;
    pages: number;
    known_pages: number;
    is_known: boolean;
  }>(
    `SELECT c.relname AS name, greatest(c.reltuples, 0)::float8 AS rows, pg_table_size(c.oid)::float8 AS bytes,
      (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 AS pages, c.relpages AS known_pages,
      EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = c.relname) AS is_known
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 1`,
  );
  return rows.map(({ name, rows: estimate, bytes, pages, known_pages, is_known }) => {
    const grown = pages > known_pages * STALE_GROWTH + SMALL_GROWTH_PAGES;
    const analysed = pages === 0 ? "yes" : !is_known ? "never" : grown ? "stale" : "yes";
    return { name, rows: pages === 0 ? 0 : estimate, bytes, analysed };
  });
}
