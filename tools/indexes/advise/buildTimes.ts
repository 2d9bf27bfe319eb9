import type { ClientBase } from "pg";

/**
 * When deploys built the indexes that are there, by name, from their ledger: what is younger than its node's counters
 * has not been unread for as long. Postgres keeps no such time; of what others built none is known.
 */
export async function buildTimes(client: ClientBase): Promise<ReadonlyMap<string, number>> {
  const { rows: ledgers } = await client.query<{ mayRead: boolean | null }>(
    `SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS "mayRead"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'breakwater' AND c.relname = 'index_ledger'`,
  );
  if (ledgers[0]?.mayRead !== true) return new Map();
  const { rows } = await client.query<{ name: string; at: number }>(
    `SELECT name, (extract(epoch FROM max(at)) * 1000)::float8 AS at FROM breakwater.index_ledger
    WHERE state = 'done' AND action IN ('build', 'rename') GROUP BY name`,
  );
  return new Map(rows.map(({ name, at }) => [name, at]));
}
