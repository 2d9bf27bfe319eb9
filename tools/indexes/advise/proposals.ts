import { IDENTIFIER, unquoted } from "../identifier.ts";
import { conditions } from "./conditions.ts";
import { PROPOSED_COLUMNS } from "./constants.ts";
import type { QueryPlanNode } from "./queryPlan.ts";

/** An index that nobody has tried. */
export interface Proposal {
  readonly schema: string;
  readonly table: string;
  /** `genre`, `"At" DESC`: as SQL. */
  readonly keys: readonly string[];
}

/**
 * What the sequential scans of a plan ask for: columns compared with `=`, then those that their rows are sorted by, or
 * else one that is compared otherwise. One proposal a scan, none where nothing narrows or orders it.
 */
export function proposals(plan: QueryPlanNode): readonly Proposal[] {
  const found: Proposal[] = [];
  walk(plan, undefined, (scan, sort) => {
    const { "Node Type": kind, "Relation Name": table, Schema: schema = "public", Alias: alias, Filter: filter } = scan;
    if (kind !== "Seq Scan" || table === undefined) return;
    const asked = conditions(filter ?? "");
    const equal = distinct(asked.flatMap(({ operator, sqlColumn }) => (operator === "=" ? [sqlColumn] : [])));
    const range = asked.find(({ operator, sqlColumn }) => operator !== "=" && !equal.includes(sqlColumn))?.sqlColumn;
    const sorted = sortColumns(sort ?? [], alias ?? table).filter((key) => !equal.includes(columnOf(key)));
    const tail = sorted.length > 0 ? sorted : range === undefined ? [] : [range];
    const keys = [...equal, ...tail].slice(0, PROPOSED_COLUMNS);
    if (keys.length > 0) found.push({ schema, table, keys });
  });
  return found;
}

/** The column of a key, without its direction. */
export function columnOf(key: string): string {
  return key.replace(/(?: DESC)?(?: NULLS (?:FIRST|LAST))?$/, "");
}

/** Calls for each node with the keys of the sort above it, as far as no aggregate or the like lies between. */
function walk(
  node: QueryPlanNode,
  sort: readonly string[] | undefined,
  visit: (node: QueryPlanNode, sort: readonly string[] | undefined) => void,
): void {
  visit(node, sort);
  const isPassing = ["Limit", "Gather Merge", "Gather", "Nested Loop", "Hash Join", "LockRows"].includes(
    node["Node Type"],
  );
  const below = node["Sort Key"] ?? (isPassing ? sort : undefined);
  for (const child of node.Plans ?? []) walk(child, below, visit);
}

const SORT_KEY = new RegExp(`^(?:(${IDENTIFIER})\\.)?(${IDENTIFIER})( DESC)?( NULLS (?:FIRST|LAST))?$`, "u");

/** The first keys of a sort that are columns of this table; an index can give no order beyond them. */
function sortColumns(keys: readonly string[], alias: string): readonly string[] {
  const columns: string[] = [];
  for (const key of keys) {
    const match = SORT_KEY.exec(key);
    if (!match || (match[1] !== undefined && unquoted(match[1]) !== alias)) break;
    columns.push(`${match[2]}${match[3] ?? ""}${match[4] ?? ""}`);
  }
  return columns;
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
