import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { UpdatedColumns } from "../../../sql/indexes/updatedColumns.ts";
import { parseDefinition } from "../parseDefinition.ts";
import type { LintFinding } from "./finding.ts";

/** Points of HOT that no entry needs to explain: what a full page loses by chance. */
const UNEXPLAINED_HOT_LOSS = 2;

/**
 * Columns that updates change again and again, anywhere in an index: as key, in INCLUDE, in the predicate or inside of
 * an expression, each keeps those updates from being HOT. An entry may have them if its budget says what that costs.
 */
export function lintHotColumns(
  entry: IndexEntry,
  updated: Readonly<Record<string, UpdatedColumns>>,
): readonly LintFinding[] {
  if (entry.writeBudget.hotLoss > UNEXPLAINED_HOT_LOSS) return [];
  const { table, method, keys, include, predicate = "" } = parseDefinition(entry.definition);
  const hot = updated[table]?.hot ?? [];
  // PostgreSQL 16 on: what only summarises blocks does not keep an update from being HOT; a predicate does, also then.
  const keyText = method === "brin" ? "" : keys.map(({ expression }) => expression).join(" ");
  const places = [
    ["a key", keyText],
    ["INCLUDE", include.join(" ")],
    ["the predicate", predicate],
  ] as const;
  return places.flatMap(([place, text]) => {
    const columns = hot.filter((column) => new RegExp(`\\b${column}\\b`).test(text));
    if (columns.length === 0) return [];
    return [
      {
        entry: entry.name,
        rule: "hot-column" as const,
        message: `${columns.join(", ")} in ${place} ${columns.length === 1 ? "is" : "are"} changed again and again by updates of ${table}: none of those is HOT with it (n_tup_hot_upd in pg_stat_user_tables, before and after)`,
      },
    ];
  });
}
