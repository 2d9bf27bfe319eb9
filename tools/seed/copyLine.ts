const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

const SPECIAL = /[\\\t\n\r]/;

/** A row as a line of COPY's text format; `undefined` is SQL's NULL. */
export function copyLine(values: readonly (string | number | undefined)[]): string {
  let line = "";
  for (let index = 0; index < values.length; index++) {
    if (index > 0) line += "\t";
    line += copyValue(values[index]);
  }
  return `${line}\n`;
}

/** Most values need no escaping: looking is cheaper than replacing. */
function copyValue(value: string | number | undefined): string | number {
  if (value === undefined) return "\\N";
  if (typeof value === "number" || !SPECIAL.test(value)) return value;
  return value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? "");
}
