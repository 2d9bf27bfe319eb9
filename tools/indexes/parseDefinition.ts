import { IDENTIFIER } from "./identifier.ts";
import { matchingParenthesis, splitList } from "./splitList.ts";

/** One key of an index. */
export interface IndexKey {
  /** A column's name, or an expression as it was written. */
  readonly expression: string;
  readonly operatorClass: string | undefined;
  readonly collation: string | undefined;
  readonly isDescending: boolean;
  readonly areNullsFirst: boolean;
}

/** What an index is, apart from its name. */
export interface ParsedDefinition {
  readonly table: string;
  readonly method: string;
  readonly keys: readonly IndexKey[];
  readonly include: readonly string[];
  readonly predicate: string | undefined;
}

const HEAD = new RegExp(
  String.raw`^(?:ONLY )?(?:public\.)?((?:${IDENTIFIER}\.)?${IDENTIFIER})(?:\s+USING\s+([a-z]+))?\s*\(`,
  "iu",
);

/** Reads what follows `ON` in CREATE INDEX, also as pg_get_indexdef prints it. @throws where it is not that. */
export function parseDefinition(definition: string): ParsedDefinition {
  const head = HEAD.exec(definition);
  if (!head) throw new Error(`Not the definition of an index: ${definition}`);
  const [start, table = "", method = "btree"] = head;
  const open = start.length - 1;
  const close = matchingParenthesis(definition, open);
  const rest = definition.slice(close + 1);
  const included = /^\s*INCLUDE\s*\(/i.exec(rest);
  const includeEnd = included ? matchingParenthesis(rest, included[0].length - 1) : -1;
  const include = included ? splitList(rest.slice(included[0].length, includeEnd)) : [];
  const predicate = /\sWHERE\s+(.*)$/is.exec(rest)?.[1];
  return {
    table,
    method: method.toLowerCase(),
    keys: splitList(definition.slice(open + 1, close)).map(parseKey),
    include,
    predicate: predicate === undefined ? undefined : bareCondition(predicate),
  };
}

function parseKey(text: string): IndexKey {
  const nulls = /\s+NULLS\s+(FIRST|LAST)$/i.exec(text);
  const direction = /\s+(ASC|DESC)$/i.exec(nulls ? text.slice(0, nulls.index) : text);
  const operatorClass = /\s+(\w+_ops)$/.exec(text.slice(0, direction?.index ?? nulls?.index));
  const collation = /\s+COLLATE\s+(\S+)$/i.exec(
    text.slice(0, operatorClass?.index ?? direction?.index ?? nulls?.index),
  );
  const end = collation?.index ?? operatorClass?.index ?? direction?.index ?? nulls?.index;
  const isDescending = direction?.[1]?.toUpperCase() === "DESC";
  return {
    expression: text.slice(0, end).trim(),
    operatorClass: operatorClass?.[1],
    collation: collation?.[1],
    isDescending,
    areNullsFirst: nulls ? nulls[1]?.toUpperCase() === "FIRST" : isDescending,
  };
}

/** Without the casts and parentheses that the server adds when it prints a condition. */
export function bareCondition(condition: string): string {
  const bare = condition
    .replace(/::(?:text|character varying|bpchar)\b/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return isWrapped(bare) ? bareCondition(bare.slice(1, -1)) : bare;
}

function isWrapped(text: string): boolean {
  return text.startsWith("(") && matchingParenthesis(text, 0) === text.length - 1;
}
