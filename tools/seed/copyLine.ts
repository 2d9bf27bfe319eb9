const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A row as a line of COPY's text format. */
export function copyLine(values: readonly (string | number)[]): string {
  return `${values.map((value) => String(value).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? "")).join("\t")}\n`;
}
