import type { ClientBase } from "pg";
import type { Plan } from "./prove/planNodes.ts";

/**
 * Clears the tables that these plans wrote to of what was rolled back. All their pages are looked at: a VACUUM that
 * skips those it knows counts the rows of the others alone, and time after time the planner's estimate of the table
 * shrinks (8,422 rows became 173).
 */
export async function vacuumWritten(client: ClientBase, plans: readonly Plan[]): Promise<void> {
  const written = plans.flatMap(({ nodes }) =>
    nodes.flatMap(({ kind, relation }) => (kind === "ModifyTable" && relation !== undefined ? [relation] : [])),
  );
  const { rows } = await client.query<{ table: string }>(
    // A plan does not tell schemas; the core's tables hold next to nothing.
    "SELECT DISTINCT format('%I', name) AS table FROM unnest($1::text[]) AS name WHERE to_regclass(quote_ident(name)) IS NOT NULL",
    [written],
  );
  for (const { table } of rows) {
    await client.query(`VACUUM (DISABLE_PAGE_SKIPPING, INDEX_CLEANUP ON, TRUNCATE ON) ${table}`);
  }
}
