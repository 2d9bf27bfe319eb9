import type { ClientBase } from "pg";
import { MADE_UP_SAMPLES } from "../madeUpSamples.ts";
import { sampledQueries } from "../sampledQueries.ts";

/**
 * The names of the application's own statements, by the identifier under which `pg_stat_statements` counts them. They
 * are planned, not run. One that this database cannot plan (a table is missing) has no identifier.
 */
export async function queryIds(client: ClientBase): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { name, samples } of sampledQueries(MADE_UP_SAMPLES)) {
    for (const { query } of samples) {
      try {
        const { rows } = await client.query<{ "QUERY PLAN": string }>({
          text: `EXPLAIN (VERBOSE, FORMAT JSON) ${query.text}`,
          values: [...query.values],
          // As text: an identifier has more digits than a JavaScript number.
          types: { getTypeParser: () => (value: string) => value },
        });
        const id = /"Query Identifier": (-?\d+)/.exec(rows[0]?.["QUERY PLAN"] ?? "")?.[1];
        if (id !== undefined) names.set(id, name);
      } catch {
        // The statement is not for this database.
      }
    }
  }
  return names;
}
