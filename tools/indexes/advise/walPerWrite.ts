import type { ClientBase } from "pg";
import { explain } from "../prove/explain.ts";
import { PROBE_LEAST_ROWS, PROBE_ROWS, PROBE_WRITES } from "./constants.ts";

const PROBE = "breakwater_advice_probe";
const ROWS = "breakwater_advice_rows";

/**
 * Bytes of WAL that an index adds to one inserted row: rows of the table are written to a table like it with and
 * without the index. On a clone: these two tables are made there and dropped again. Undefined of a table too small.
 */
export async function walPerWrite(
  clone: ClientBase,
  { table, definition }: { readonly table: string; readonly definition: string },
): Promise<number | undefined> {
  const drop = `DROP TABLE IF EXISTS ${PROBE}, ${ROWS}`;
  await clone.query(drop);
  try {
    await clone.query(`CREATE TABLE ${ROWS} AS SELECT * FROM ${table} ORDER BY random() LIMIT ${PROBE_ROWS}`);
    const { rows } = await clone.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${ROWS}`);
    const writes = Math.min(PROBE_WRITES, Math.floor((rows[0]?.n ?? 0) / 2));
    if (writes < PROBE_LEAST_ROWS / 2) return undefined;
    await clone.query(`CREATE TABLE ${PROBE} (LIKE ${table})`);
    await clone.query(`INSERT INTO ${PROBE} SELECT * FROM ${ROWS} OFFSET ${writes}`);
    const insert = { text: `INSERT INTO ${PROBE} SELECT * FROM ${ROWS} LIMIT ${writes}`, values: [] };
    const without = await explain(clone, insert, { countedRuns: 1 });
    await clone.query(`CREATE INDEX ON ${PROBE}${definition.slice(table.length)}`);
    const having = await explain(clone, insert, { countedRuns: 1 });
    return Math.max(0, Math.round((having.walBytes - without.walBytes) / writes));
  } finally {
    await clone.query(drop);
  }
}
