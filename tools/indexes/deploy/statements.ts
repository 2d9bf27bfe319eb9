import { createHash } from "node:crypto";
import { escapeIdentifier } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { MAX_NAME_BYTES, SCHEMA } from "./constants.ts";

/** `"public"."name"`, for statements that take no parameters. */
export function qualified(name: string): string {
  return `${escapeIdentifier(SCHEMA)}.${escapeIdentifier(name)}`;
}

/** What an entry's definition says after its table: `(created_at DESC) WHERE …` or `USING gin (…)`. */
export function definitionTail({ table, definition }: Pick<IndexEntry, "table" | "definition">): string {
  return definition.slice(definition.indexOf(table) + table.length).trim();
}

/** On the entry's table unless another is given; `name` differs while a replacement is built. */
export function createStatement(entry: IndexEntry, name: string = entry.name): string {
  const unique = entry.isUnique === true ? "UNIQUE " : "";
  const on = `${qualified(entry.table)} ${definitionTail(entry)}`;
  // Never IF NOT EXISTS: it is content with a leftover, and with another definition.
  return `CREATE ${unique}INDEX CONCURRENTLY ${escapeIdentifier(name)} ON ${on}`;
}

export function dropStatement(name: string): string {
  return `DROP INDEX CONCURRENTLY ${qualified(name)}`;
}

export function renameStatement(from: string, to: string): string {
  return `ALTER INDEX ${qualified(from)} RENAME TO ${escapeIdentifier(to)}`;
}

/** What a person types to clean up behind a deploy that left at once. */
export function cleanUpStatement(name: string): string {
  return `DROP INDEX CONCURRENTLY IF EXISTS ${qualified(name)};`;
}

/** The name under which a replacement is built; the same in every run, so that the next one finds it. */
export function stagingName(name: string): string {
  const suffix = `_bw_${createHash("sha256").update(name).digest("hex").slice(0, 6)}`;
  const bytes = Buffer.from(name);
  const room = MAX_NAME_BYTES - suffix.length;
  return `${
    bytes.length <= room
      ? name
      : bytes
          .subarray(0, room)
          .toString()
          .replace(/\uFFFD+$/, "")
  }${suffix}`;
}
