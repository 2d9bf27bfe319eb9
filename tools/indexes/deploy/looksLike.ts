import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { definitionBody } from "./definitionBody.ts";
import { definitionTail } from "./statements.ts";

/**
 * Whether a printed definition looks like what the catalogue says, without asking the server: for commands that may not
 * send DDL. Parentheses, casts of literals and defaults that Postgres adds are left out of the comparison, so a "yes" is
 * a good guess and no proof.
 */
export function looksLike(entry: IndexEntry, definition: string): boolean {
  const wanted = `${entry.isUnique === true ? "UNIQUE " : ""}${definitionTail(entry)}`;
  return bare(wanted) === bare(definitionBody(definition));
}

function bare(text: string): string {
  return text
    .split(/('(?:[^']|'')*')/)
    .map((part, index) => (index % 2 === 1 ? part : bareCode(part)))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}

function bareCode(code: string): string {
  return code
    .toLowerCase()
    .replace(/::(?:"char"|[a-z_]+(?: varying| with(?:out)? time zone)?)(?:\(\d+\))?(?:\[\])?/g, "")
    .replace(/\busing btree\b/g, "")
    .replace(/\bin \(/g, "= any (")
    .replace(/\barray\b|[()[\]]/g, " ")
    .replace(/\bdesc nulls first\b/g, "desc")
    .replace(/\basc\b|\bnulls last\b(?<!desc nulls last)/g, "")
    .replace(/!=/g, "<>")
    .replace(/\s*(,|=|<>|<=|>=|<|>|\|\|)\s*/g, " $1 ")
    .replace(/"([a-z_][a-z0-9_]*)"/g, "$1");
}
