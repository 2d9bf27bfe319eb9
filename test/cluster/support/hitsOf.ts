import type { Client } from "pg";

/** Every column of every table, of whatever type, that holds a text in some row: `schema.table.column`, in order. */
export async function hitsOf(client: Client, marker: string): Promise<string[]> {
  const { rows: columns } = await client.query<{ table: string; column: string; place: string }>(
    `SELECT format('%I.%I', c.table_schema, c.table_name) AS table, format('%I', c.column_name) AS column,
      c.table_schema || '.' || c.table_name || '.' || c.column_name AS place
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY place`,
  );
  // Bytes become text in hexadecimal.
  const hex = Buffer.from(marker).toString("hex");
  const hits: string[] = [];
  for (const { table, column, place } of columns) {
    const found = await client.query(
      `SELECT 1 FROM ${table} WHERE strpos(lower(${column}::text), $1) > 0 OR strpos(lower(${column}::text), $2) > 0 LIMIT 1`,
      [marker, hex],
    );
    if (found.rowCount) hits.push(place);
  }
  return hits;
}
