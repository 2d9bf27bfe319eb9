/**
 * A JSON parameter as the untyped text Postgres gets, or null for NULL: strings as they are, arrays as array literals,
 * anything else as JSON. Source: Neon's proxy, `json_to_pg_text`.
 */
export function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return arrayLiteral(value);
  return JSON.stringify(value);
}

function arrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(arrayItem).join(",")}}`;
}

function arrayItem(item: unknown): string {
  if (item === null || item === undefined) return "NULL";
  if (Array.isArray(item)) return arrayLiteral(item);
  // JSON's quoting of a string is what an array literal wants as well; an object is stringified, then quoted so.
  return typeof item === "object" ? JSON.stringify(JSON.stringify(item)) : JSON.stringify(item);
}
