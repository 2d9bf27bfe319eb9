import type { Client } from "pg";

/** Columns by relation; null: whole rows come or go. */
export type Touched = ReadonlyMap<string, ReadonlySet<string> | null>;

interface Plan {
  readonly "Node Type": string;
  readonly "Parent Relationship"?: string;
  readonly "Relation Name"?: string;
  readonly Schema?: string;
  readonly Alias?: string;
  readonly Operation?: string;
  readonly "Function Name"?: string;
  readonly Output?: readonly string[];
  readonly Plans?: readonly Plan[];
}

/** What a statement reads and writes by its plan. Throws where the plan hides it: a function of one's own that returns rows. */
export async function plannedRelations(client: Client, text: string): Promise<{ reads: Touched; writes: Set<string> }> {
  const { rows } = await client.query(`EXPLAIN (FORMAT JSON, VERBOSE, GENERIC_PLAN, COSTS OFF) ${text}`);
  const root: Plan = rows[0]["QUERY PLAN"][0].Plan;
  const nodes = [...nodesOf(root)];
  const own = nodes.find((node) => node["Function Name"] !== undefined && node.Schema !== "pg_catalog");
  if (own) throw new Error(`A plan does not show what ${own["Function Name"]} reads: ${text}`);
  const said = nodes.flatMap((node) => wordsOf(node, node === root)).join("\n");
  const reads = new Map<string, Set<string>>();
  const writes = new Set<string>();
  for (const { Schema, Alias = "", Operation, "Relation Name": relation } of nodes) {
    if (relation === undefined || Schema !== "public") continue;
    if (Operation) writes.add(relation);
    const columns = [...said.matchAll(new RegExp(`\\b${Alias}\\.(\\w+)`, "g"))].map(([, column]) => String(column));
    reads.set(relation, new Set([...(reads.get(relation) ?? []), ...columns]));
  }
  return { reads, writes };
}

function* nodesOf(plan: Plan): Generator<Plan> {
  yield plan;
  for (const child of plan.Plans ?? []) yield* nodesOf(child);
}

/** A scan may pass on more columns than anybody above it asks for: those count where they are used. */
function wordsOf(node: Plan, isRoot: boolean): readonly string[] {
  const { Plans: _, Output = [], "Parent Relationship": parent = "", ...rest } = node;
  const isTop = isRoot || ["SubPlan", "InitPlan", "Subquery"].includes(parent);
  const isScan = node["Relation Name"] !== undefined;
  const shown = isScan && !isTop ? Output.filter((each) => !/^\w+\.\w+$/.test(each)) : Output;
  return [...Object.values(rest).flat().map(String), ...shown];
}

/** All rows of the marketplace's tables. */
export type Contents = ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, unknown>>>>;

export async function contentsOf(client: Client): Promise<Contents> {
  const { rows: tables } = await client.query<{ name: string; keys: string[] }>(
    `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS keys
     FROM pg_class c
     JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
     GROUP BY c.relname`,
  );
  const contents = new Map<string, ReadonlyMap<string, Record<string, unknown>>>();
  for (const { name, keys } of tables) {
    const { rows } = await client.query<{ row: Record<string, unknown> }>(`SELECT to_jsonb(t) AS row FROM ${name} t`);
    contents.set(name, new Map(rows.map(({ row }) => [JSON.stringify(keys.map((key) => row[key])), row])));
  }
  return contents;
}

/** What is otherwise, triggers and cascades included. */
export function changedBetween(before: Contents, after: Contents): Touched {
  const touched = new Map<string, Set<string> | null>();
  for (const [relation, rows] of after) {
    const old = before.get(relation) ?? new Map();
    const isWhole = old.size !== rows.size || [...rows.keys()].some((key) => !old.has(key));
    const columns = [...rows].flatMap(([key, row]) =>
      Object.keys(row).filter((column) => JSON.stringify(row[column]) !== JSON.stringify(old.get(key)?.[column])),
    );
    if (isWhole) touched.set(relation, null);
    else if (columns.length > 0) touched.set(relation, new Set(columns));
  }
  return touched;
}
