import type { StatementResult } from "./statementGroup.ts";
import { valueJson } from "./valueJson.ts";

/** How one result is written. */
export interface ResultStyle {
  readonly rawText: boolean;
  readonly arrayMode: boolean;
}

/** One result as JSON text, keys in Neon's order: `fields`, `rows`, `command`, `rowCount`, `rowAsArray`. */
export function resultJson(result: StatementResult, style: ResultStyle): string {
  const fields = result.fields.map(({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier }) => {
    return { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format: "text" };
  });
  const { command, rowCount } = parseTag(result.tag);
  return (
    `{"fields":${JSON.stringify(fields)},"rows":${rowsJson(result, style)},"command":${JSON.stringify(command)},` +
    `"rowCount":${rowCount},"rowAsArray":${style.arrayMode}}`
  );
}

function rowsJson({ fields, rows }: StatementResult, { rawText, arrayMode }: ResultStyle): string {
  if (rawText && arrayMode) return JSON.stringify(rows);
  const keys = fields.map(({ name }) => (arrayMode ? "" : `${JSON.stringify(name)}:`));
  const [open, close] = arrayMode ? ["[", "]"] : ["{", "}"];
  const lines = rows.map((row) => {
    const values = row.map((text, column) => {
      return `${keys[column]}${columnJson(text, rawText, fields[column]?.dataTypeID ?? 0)}`;
    });
    return `${open}${values.join(",")}${close}`;
  });
  return `[${lines.join(",")}]`;
}

function columnJson(text: string | null, rawText: boolean, typeId: number): string {
  if (text === null) return "null";
  return rawText ? JSON.stringify(text) : valueJson(text, typeId);
}

/** A command tag's first word, and its count where it has one: `INSERT 0 5`, `SELECT 3`, `CREATE TABLE`. */
function parseTag(tag: string): { command: string; rowCount: number | null } {
  const [command = "", ...rest] = tag.split(" ");
  const count = command === "INSERT" ? rest[1] : rest[0];
  return { command, rowCount: count !== undefined && /^\d+$/.test(count) ? Number(count) : null };
}
