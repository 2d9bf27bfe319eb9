import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { IDENTIFIER } from "../identifier.ts";
import { bareCondition, parseDefinition } from "../parseDefinition.ts";
import type { LintFinding } from "./finding.ts";

/**
 * Keys that the index's own predicate holds to one value. The planner takes the clause out of the conditions, since the
 * predicate implies it: what follows such a key can then not be sought, and every use reads the index from one end.
 */
export function lintPinnedColumns(entry: IndexEntry): readonly LintFinding[] {
  const { keys, predicate, method } = parseDefinition(entry.definition);
  if (predicate === undefined || method !== "btree") return [];
  const pinned = pinnedBy(predicate);
  const first = keys.findIndex(({ expression }) => pinned.has(expression));
  const key = keys[first];
  if (key === undefined) return [];
  const [before = ""] = entry.definition.split("(", 1);
  const left = keys
    .filter(({ expression }) => !pinned.has(expression))
    .map(({ expression, isDescending }) => {
      return isDescending ? `${expression} DESC` : expression;
    });
  const seekable = keys.slice(0, first).map(({ expression }) => expression);
  return [
    {
      entry: entry.name,
      rule: "pinned-column",
      message: `its predicate holds ${key.expression} to one value, so EXPLAIN shows no Index Cond on it and none can seek by what follows it (${seekable.length === 0 ? "nothing" : `only ${seekable.join(", ")}`} is left to seek by)`,
      ...(left.length === 0 ? {} : { fixed: `${before}(${left.join(", ")}) WHERE ${predicate}` }),
    },
  ];
}

/** A column of `varchar` is printed as `(status)::text = …`, one of an enum as `status = 'published'::pitch_status`. */
const EQUAL = new RegExp(String.raw`^\(?(${IDENTIFIER})\)? = (?:'[^']*'(?:::[\w". ]+)?|-?[\d.]+|true|false)$`, "iu");
const NOTHING = new RegExp(`^(${IDENTIFIER}) IS NULL$`, "iu");

/** Columns that a condition holds to one value: `a = 'x' AND b IS NULL`. */
function pinnedBy(predicate: string): ReadonlySet<string> {
  const columns = new Set<string>();
  if (/\sOR\s/i.test(predicate)) return columns;
  for (const part of predicate.split(/\sAND\s/i)) {
    const [, equal] = EQUAL.exec(bareCondition(part)) ?? [];
    const [, nothing] = NOTHING.exec(bareCondition(part)) ?? [];
    const column = equal ?? nothing;
    if (column !== undefined) columns.add(column);
  }
  return columns;
}
