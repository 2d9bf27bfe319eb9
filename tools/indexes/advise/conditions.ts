/** What one side of a plan's condition says of a column. */
export interface Condition {
  /** The table's name in the query, where the plan gives it. */
  readonly alias: string | undefined;
  readonly column: string;
  readonly operator: "=" | "<" | ">" | "<=" | ">=";
  /** `$n`, where it is compared with a parameter. */
  readonly parameter: number | undefined;
}

const COLUMN = String.raw`(?:(\w+)\.)?(\w+)`;
/** A column, perhaps cast or in parentheses, an operator, and something that is no column. */
const COMPARISON = new RegExp(
  String.raw`^\(*${COLUMN}\)?(?:::[\w ]+)?\s*(=|<=|>=|<|>)\s*(?:\(?\$(\d+)\)?|'|\(|-?\d|now|ANY)`,
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
        alias,
        column,
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
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "'") isQuoted = !isQuoted;
    if (isQuoted) continue;
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
