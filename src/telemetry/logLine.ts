export type LogLevel = "info" | "error";

/** One line of JSON on the console: what Cloudflare's log keeps as one entry, its fields searchable. */
export function logLine(level: LogLevel, fields: Readonly<Record<string, unknown>>): void {
  const line = JSON.stringify({ level, ...fields });
  if (level === "error") console.error(line);
  else console.log(line);
}
