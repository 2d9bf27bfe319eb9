import { splitList } from "../splitList.ts";

/** One column that a text sorts by. */
export interface SortColumn {
  readonly column: string;
  readonly isDescending: boolean;
  readonly areNullsFirst: boolean;
}

/** The orders by which a text cuts pages off: each `ORDER BY … LIMIT` of columns, without their tables' names. */
export function sortsOf(text: string): readonly (readonly SortColumn[])[] {
  return [...text.matchAll(/ORDER BY ([^()]+?)\s+LIMIT\b/gi)].map(([, list = ""]) =>
    splitList(list).map((item) => {
      const [, column = item, direction, nulls] =
        /^(?:\w+\.)?(\w+)(?:\s+(ASC|DESC))?(?:\s+NULLS\s+(FIRST|LAST))?$/i.exec(item) ?? [];
      const isDescending = direction?.toUpperCase() === "DESC";
      return {
        column,
        isDescending,
        areNullsFirst: nulls === undefined ? isDescending : nulls.toUpperCase() === "FIRST",
      };
    }),
  );
}

/** Columns that a text holds to one value, or to that of another table's row. */
export function equatedIn(text: string): ReadonlySet<string> {
  const equated = /(?<![<>!\w.])(?:\w+\.)?(\w+) = (?:\$\d+|'[^']*'|\w+\.\w+)/g;
  return new Set([...text.matchAll(equated)].map(([, column = ""]) => column));
}

/** What the UPDATE statements of a text change: `[table, column]`. */
export function updatesIn(text: string): readonly (readonly [table: string, column: string])[] {
  return [...text.matchAll(/\bUPDATE (\w+)(?: (?:AS )?\w+)?\s+SET\s+([\s\S]*?)(?=\s+FROM\s|\s+WHERE\s|$)/g)].flatMap(
    ([, table = "", list = ""]) =>
      splitList(list).map((assignment) => [table, assignment.split("=", 1)[0]?.trim() ?? ""] as const),
  );
}
