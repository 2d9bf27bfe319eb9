import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ConstraintIndex } from "./lint/facts.ts";
import { matchingParenthesis, splitList } from "./splitList.ts";

const SCHEMA = resolve(import.meta.dirname, "../../sql/schema");

/** What the marketplace's own migrations make. */
export interface SchemaIndexes {
  /** Of primary keys and unique constraints, in CREATE TABLE. */
  readonly constraints: readonly ConstraintIndex[];
  /** By CREATE INDEX, by name: `users (lower(email))`. */
  readonly made: ReadonlyMap<string, string>;
}

/** Reads them from `sql/schema`. */
export function schemaIndexes(): SchemaIndexes {
  const files = readdirSync(SCHEMA)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return indexesIn(files.map((name) => readFileSync(join(SCHEMA, name), "utf8")).join("\n"));
}

/** Those of a text of SQL. */
export function indexesIn(sql: string): SchemaIndexes {
  const text = sql.replace(/--.*$/gm, "");
  const constraints = [...text.matchAll(/\bCREATE TABLE (\w+) \(/g)].flatMap(({ 0: head, 1: table = "", index }) => {
    const open = index + head.length - 1;
    return splitList(text.slice(open + 1, matchingParenthesis(text, open))).flatMap((item) =>
      constraintOf(table, item),
    );
  });
  const made = [...text.matchAll(/\bCREATE (?:UNIQUE )?INDEX (\w+) ON ([^;]+);/g)].map(
    ([, name = "", definition = ""]) => [name, definition.replace(/\s+/g, " ").trim()] as const,
  );
  return { constraints, made: new Map(made) };
}

function constraintOf(table: string, item: string): readonly ConstraintIndex[] {
  const [column = ""] = item.split(/\s/, 1);
  const [, keys] = /^(?:CONSTRAINT \w+ )?PRIMARY KEY (\(.*\))$/.exec(item) ?? [];
  if (keys !== undefined) return [{ name: `${table}_pkey`, definition: `${table} ${keys}` }];
  if (/\bPRIMARY KEY\b/.test(item)) return [{ name: `${table}_pkey`, definition: `${table} (${column})` }];
  const [, name] = /\bCONSTRAINT (\w+) UNIQUE\b/.exec(item) ?? [];
  return name === undefined ? [] : [{ name, definition: `${table} (${column})` }];
}
