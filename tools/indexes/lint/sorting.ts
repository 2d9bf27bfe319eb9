import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { type ParsedDefinition, parseDefinition } from "../parseDefinition.ts";
import type { QueryText } from "./facts.ts";
import type { LintFinding } from "./finding.ts";
import { equatedIn, type SortColumn, sortsOf } from "./readText.ts";

/** An index that should give the order of a list and does not: looked for in the texts that its proofs name. */
export function lintSorting(entry: IndexEntry, texts: readonly QueryText[]): readonly LintFinding[] {
  const definition = parseDefinition(entry.definition);
  if (definition.method !== "btree") return [];
  const findings = entry.proofs.flatMap((proof) => {
    if (proof.isOrdered === false) return [];
    const of = texts.filter(({ name, shape }) => {
      return name === proof.query && (proof.shape === undefined || proof.shape === shape);
    });
    return of.flatMap((text) => sortsOf(text.text).flatMap((sort) => findingsOf(entry.name, definition, text, sort)));
  });
  // One finding a rule: the same fault shows in many texts.
  return [...new Map(findings.map((finding) => [finding.rule, finding])).values()];
}

function findingsOf(
  entry: string,
  { keys }: ParsedDefinition,
  { name, shape, text }: QueryText,
  sort: readonly SortColumn[],
): readonly LintFinding[] {
  const [first, ...others] = sort;
  const at = first === undefined ? -1 : keys.findIndex(({ expression }) => expression === first.column);
  const key = keys[at];
  if (first === undefined || key === undefined) return [];
  const where = shape === undefined ? name : `${name} (${shape})`;
  const findings: LintFinding[] = [];
  const equated = equatedIn(text);
  const absent = keys.slice(0, at).filter(({ expression }) => !equated.has(expression));
  if (absent.length > 0) {
    const columns = absent.map(({ expression }) => expression).join(", ");
    findings.push({
      entry,
      rule: "absent-filter",
      message: `${where} does not ask for one ${columns}, which stand before ${first.column}: EXPLAIN shows a Sort`,
    });
  }
  const missing = others.find(({ column }, index) => keys[at + 1 + index]?.expression !== column);
  if (missing && at + sort.length - 1 >= keys.length) {
    findings.push({
      entry,
      rule: "missing-tie-breaker",
      message: `${where} goes on to sort by ${missing.column}, which is not in it: EXPLAIN shows an Incremental Sort, and a cursor cannot be sought by both`,
    });
  }
  const isSameWay = key.isDescending === first.isDescending;
  if ((isSameWay ? first.areNullsFirst : !first.areNullsFirst) !== key.areNullsFirst) {
    findings.push({
      entry,
      rule: "nulls-order",
      message: `${where} has nulls of ${first.column} at the other end: EXPLAIN shows a Sort of all rows, even if there is no null`,
    });
  }
  return findings;
}
