import type { ClientBase } from "pg";
import type { Plan } from "./planNodes.ts";

/** Clears tables of what these plans wrote and was rolled back, also at their ends: they are as they were. */
export async function vacuumChanged(client: ClientBase, plans: readonly Plan[]): Promise<void> {
  const changed = plans.flatMap(({ nodes }) =>
    nodes.flatMap(({ kind, relation }) => (kind === "ModifyTable" && relation !== undefined ? [relation] : [])),
  );
  // A plan does not tell schemas; the core's tables hold next to nothing here.
  const { rows } = await client.query<{ table: string }>(
    "SELECT DISTINCT format('%I', name) AS table FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL",
    [changed],
  );
  for (const { table } of rows) await client.query(`VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) ${table}`);
}
