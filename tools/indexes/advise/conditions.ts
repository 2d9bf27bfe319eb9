import { IDENTIFIER, unquoted } from "../identifier.ts";

/** What one side of a plan's condition says of a column. */
export interface Condition {
  /** The table's name in the query, where the plan gives it; without quotes, as all names. */
  readonly alias: string | undefined;
  readonly column: string;
  /** The column in quotes, where SQL needs them. */
  readonly sqlColumn: string;
  readonly operator: "=" | "<" | ">" | "<=" | ">=";
  /** `$n`, where it is compared with a parameter. */
  readonly parameter: number | undefined;
}

const COLUMN = `(?:(${IDENTIFIER})\\.)?(${IDENTIFIER})`;
/** A column, perhaps cast or in parentheses, an operator, and something that is no column. */
const COMPARISON = new RegExp(
  String.raw`^\(*${COLUMN}\)?(?:::[\w ]+)?\s*(=|<=|>=|<|>)\s*(?:\(?\$(\d+)\)?|'|\(|-?\d|now|ANY)`,
  "u",
);

/**
 * The comparisons of columns with values in a plan's `Filter`, `Index Cond` and the like, those that are all required.
 * What is written otherwise (OR, functions, columns with columns) is not among them.
 */
export function conditions(filter: string): readonly Condition[] {
  return conjuncts(filter).flatMap((part): Condition[] => {
    const match = COMPARISON.exec(part);
    if (!match || /\bOR\b/.test(part)) return [];
    const [, alias, column = "", operator = "=", parameter] = match;
    return [
      {
        alias: alias === undefined ? undefined : unquoted(alias),
        column: unquoted(column),
        sqlColumn: column,
        operator: operator as Condition["operator"],
        parameter: parameter === undefined ? undefined : Number(parameter),
      },
    ];
  });
}

/** The parts of `((a) AND (b))`, cut where no parenthesis or quote is open. */
function conjuncts(filter: string): readonly string[] {
  const text = unwrapped(filter);
  const parts: string[] = [];
  let depth = 0;
  let quote: string | undefined;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === quote) quote = undefined;
    else if (quote === undefined && (letter === "'" || letter === '"')) quote = letter;
    if (quote !== undefined) continue;
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (depth === 0 && text.startsWith(" AND ", at)) {
      parts.push(text.slice(start, at));
      start = at + " AND ".length;
    }
  }
  parts.push(text.slice(start));
  return parts.length === 1 ? parts : parts.flatMap(conjuncts);
}

/** Without the parentheses around all of it. */
function unwrapped(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")") depth--;
    if (depth === 0 && at < text.length - 1) return text;
  }
  return unwrapped(text.slice(1, -1));
}
