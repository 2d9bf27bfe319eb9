import type { ClientBase } from "pg";
import type { Value } from "../../../src/database/query.ts";
import { type Sample, samplesOf } from "../sample.ts";
import { conditions } from "./conditions.ts";
import { USUAL_LIMIT, VALUE_ROWS } from "./constants.ts";
import type { QueryPlanNode } from "./queryPlan.ts";

interface Place {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/**
 * A statement of which only the shape is known, with values that its tables have: what most rows have, and what few
 * have. Undefined where the plan does not show what one of its parameters is compared with.
 */
export async function shapeValues(
  client: ClientBase,
  text: string,
  plan: QueryPlanNode,
): Promise<readonly Sample[] | undefined> {
  const places = parameterPlaces(plan);
  const parameters = Math.max(0, ...Array.from(text.matchAll(/\$(\d+)/g), ([, number]) => Number(number)));
  const common: Value[] = [];
  const rare: Value[] = [];
  for (let parameter = 1; parameter <= parameters; parameter++) {
    const count = rowsAskedFor(text, parameter);
    const place = places.get(parameter);
    const values = count !== undefined ? [count, count] : place === undefined ? [] : await valuesOf(client, place);
    const [most, least] = values;
    if (most === undefined || least === undefined) return undefined;
    common.push(most);
    rare.push(least);
  }
  const name = "statement";
  return samplesOf({ common: { name, text, values: common }, rare: { name, text, values: rare } });
}

/** `LIMIT $n` is a page, `OFFSET $n` the first one. */
function rowsAskedFor(text: string, parameter: number): number | undefined {
  if (new RegExp(`\\blimit\\s+\\$${parameter}\\b`, "i").test(text)) return USUAL_LIMIT;
  if (new RegExp(`\\boffset\\s+\\$${parameter}\\b`, "i").test(text)) return 0;
  return undefined;
}

function parameterPlaces(plan: QueryPlanNode): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>();
  const visit = (node: QueryPlanNode, heap: Omit<Place, "column"> | undefined) => {
    const table = node["Relation Name"];
    const here = table === undefined ? heap : { schema: node.Schema ?? "public", table };
    for (const text of [node.Filter, node["Index Cond"], node["Recheck Cond"]]) {
      for (const { parameter, column } of conditions(text ?? "")) {
        if (parameter !== undefined && here !== undefined) places.set(parameter, { ...here, column });
      }
    }
    for (const child of node.Plans ?? []) visit(child, here);
  };
  visit(plan, undefined);
  return places;
}

async function valuesOf(client: ClientBase, { schema, table, column }: Place): Promise<readonly Value[]> {
  const quoted = await client.query<{ table: string; column: string }>(
    `SELECT format('%I.%I', $1::text, $2::text) AS table, format('%I', $3::text) AS column`,
    [schema, table, column],
  );
  const [name] = quoted.rows;
  if (name === undefined) return [];
  const { rows } = await client.query<{ value: string }>(
    `WITH counted AS (
      SELECT ${name.column}::text AS value, count(*) AS n
      FROM (SELECT ${name.column} FROM ${name.table} WHERE ${name.column} IS NOT NULL LIMIT ${VALUE_ROWS}) looked GROUP BY 1
    )
    (SELECT value FROM counted ORDER BY n DESC, value LIMIT 1)
    UNION ALL (SELECT value FROM counted ORDER BY n, value LIMIT 1)`,
  );
  return rows.map(({ value }) => value);
}
