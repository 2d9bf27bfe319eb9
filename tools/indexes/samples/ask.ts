import type { Client } from "pg";
import type { Position } from "../../../src/marketplace/listing/cursor.ts";
import { SampleError } from "../sampleError.ts";

/** What is asked of the database: `pg`'s client, or a pool's. */
export type Asker = Pick<Client, "query">;

/** The one with most rows and the one with fewest. */
export interface Spread<Of> {
  readonly common: Of;
  readonly rare: Of;
}

/** Far enough behind the first page that nobody could skip there by counting; half way where the list is shorter. */
const DEEP = 10_000;

/** The first row; `what` names it where there is none. */
export async function firstRow<Row extends object>(
  client: Asker,
  what: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row> {
  const { rows } = await client.query<Row>(text, [...values]);
  const [row] = rows;
  if (row === undefined) throw new SampleError(what);
  return row;
}

/** Which key has most rows of `from`, and which has fewest; the smaller key where two have as many. */
export async function heavyAndLight(client: Asker, key: string, from: string): Promise<Spread<string>> {
  return firstRow(
    client,
    `rows in ${from}`,
    `WITH counted AS MATERIALIZED (SELECT ${key} AS key, count(*) AS n FROM ${from} GROUP BY 1)
SELECT (SELECT key FROM counted ORDER BY n DESC, key LIMIT 1) AS common,
  (SELECT key FROM counted ORDER BY n, key LIMIT 1) AS rare
FROM counted LIMIT 1`,
  );
}

/** A row's place in a list that is sorted by `key` and `id`, far behind its first page. `list`: `FROM … WHERE …`. */
export async function deepPosition(
  client: Asker,
  { key, id }: { readonly key: string; readonly id: string },
  list: string,
  values: readonly unknown[] = [],
): Promise<Position> {
  const row = await firstRow<{ key: Date | number; id: string }>(
    client,
    `rows ${list}`,
    `SELECT ${key} AS key, ${id} AS id ${list} ORDER BY 1 DESC, 2 DESC
OFFSET (SELECT least(${DEEP}, count(*) / 2) ${list}) LIMIT 1`,
    values,
  );
  return { key: row.key instanceof Date ? row.key.toISOString() : row.key, id: row.id };
}
