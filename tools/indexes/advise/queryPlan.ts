import type { ClientBase } from "pg";
import * as z from "zod/mini";

const node = z.looseObject({
  "Node Type": z.string(),
  "Relation Name": z.optional(z.string()),
  Schema: z.optional(z.string()),
  Alias: z.optional(z.string()),
  Filter: z.optional(z.string()),
  "Index Cond": z.optional(z.string()),
  "Recheck Cond": z.optional(z.string()),
  "Sort Key": z.optional(z.array(z.string())),
  get Plans(): z.ZodMiniOptional<z.ZodMiniArray<typeof node>> {
    return z.optional(z.array(node));
  },
});

export type QueryPlanNode = z.infer<typeof node>;

const explained = z.tuple([z.looseObject({ Plan: node })]);

/** The plan of a statement of which only the shape is known, `$n` for its values. Not run. PostgreSQL 16 or newer. */
export async function genericPlan(client: ClientBase, text: string): Promise<QueryPlanNode> {
  const { rows } = await client.query<{ "QUERY PLAN": unknown }>(
    `EXPLAIN (GENERIC_PLAN, FORMAT JSON, VERBOSE) ${text}`,
  );
  return explained.parse(rows[0]?.["QUERY PLAN"])[0].Plan;
}
