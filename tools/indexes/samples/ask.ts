import type { Client } from "pg";
import type { Position } from "../../../src/marketplace/listing/cursor.ts";
import { SampleError } from "../sampleError.ts";

/** What is asked of the database: `pg`'s client, or a pool's. */
export interface Asker extends Pick<Client, "query"> {
  /** Told of what there is none; without it that is an error. */
  readonly onMissing?: (what: string) => void;
}

/** The one with most rows and the one with fewest. */
export interface Spread<Of> {
  readonly common: Of;
  readonly rare: Of;
}

const NOBODY = "00000000-0000-7000-8000-000000000000";

/** Far enough behind the first page that nobody could skip there by counting; half way where the list is shorter. */
const DEEP = 10_000;

/** Of nobody and nothing, under every name that is asked for here. */
const NOBODYS_ROW = {
  ...{ key: new Date(0), id: NOBODY, common: NOBODY, rare: NOBODY, ids: [NOBODY], at: new Date(), sort_key: 0 },
  ...{ userId: NOBODY, otherId: NOBODY, creatorId: NOBODY, investorId: NOBODY },
  ...{ pitchId: NOBODY, threadId: NOBODY, messageId: NOBODY, topic: `${NOBODY}:${NOBODY}` },
  ...{ tokenHash: "0".repeat(64), email: "nobody@example.invalid" },
};

/** The first row; `what` names it where there is none. Where that may be, a row of nobody's is given instead. */
export async function firstRow<Row extends object>(
  client: Asker,
  what: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row> {
  const { rows } = await client.query<Row>(text, [...values]);
  const [row] = rows;
  if (row !== undefined) return row;
  if (client.onMissing === undefined) throw new SampleError(what);
  client.onMissing(what);
  return NOBODYS_ROW as object as Row; // every name of any Row here is in it
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
