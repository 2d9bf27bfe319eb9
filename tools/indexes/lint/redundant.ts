import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { type IndexKey, type ParsedDefinition, parseDefinition } from "../parseDefinition.ts";
import type { ConstraintIndex } from "./facts.ts";
import type { LintFinding } from "./finding.ts";

interface Other {
  readonly name: string;
  readonly definition: ParsedDefinition;
  readonly isUnique: boolean;
  /** A constraint's: comes with the table, and goes with it. */
  readonly isConstraint: boolean;
}

/**
 * What another index does as well: one that is to be shipped, or a constraint's own. The same keys are a duplicate; the
 * first of them a prefix, if it has the same method, predicate, operator classes and collations, its order the same or
 * exactly the reverse, and nothing of its own to enforce.
 */
export function lintRedundant(
  entry: IndexEntry,
  entries: readonly IndexEntry[],
  constraints: readonly ConstraintIndex[],
): readonly LintFinding[] {
  const own = parseDefinition(entry.definition);
  const others: Other[] = [
    ...constraints.map(({ name, definition }) => {
      return { name, definition: parseDefinition(definition), isUnique: true, isConstraint: true };
    }),
    ...entries
      .filter((other) => other.verdict.kind === "ship" && other.name !== entry.name)
      .map(({ name, definition, isUnique = false }) => {
        return { name, definition: parseDefinition(definition), isUnique, isConstraint: false };
      }),
  ];
  return others.flatMap((other) => {
    if (!isPrefix(own, other.definition)) return [];
    const isSame = own.keys.length === other.definition.keys.length;
    // What enforces a rule is no copy of what merely finds the rows.
    if (entry.isUnique && !(isSame && other.isUnique)) return [];
    const whose = other.isConstraint ? "a constraint's index, which comes with the table" : "to be shipped";
    return [
      {
        entry: entry.name,
        rule: isSame ? ("duplicate" as const) : ("redundant-prefix" as const),
        message: isSame
          ? `the same keys and rows as ${other.name} (${whose}): Postgres accepts both without a word, and each write pays twice`
          : `its keys are the first ones of ${other.name} (${whose}), which finds the same rows in the same order`,
      },
    ];
  });
}

function isPrefix(one: ParsedDefinition, other: ParsedDefinition): boolean {
  if (one.table !== other.table || one.method !== other.method || one.predicate !== other.predicate) return false;
  if (one.keys.length > other.keys.length) return false;
  // Of other methods the keys have no order, and each is asked by itself.
  if (one.method !== "btree" && one.keys.length !== other.keys.length) return false;
  const carried = new Set([...other.keys.map(({ expression }) => expression), ...other.include]);
  if (one.include.some((column) => !carried.has(column))) return false;
  const pairs = one.keys.map((key, index) => [key, other.keys[index]] as const);
  return (
    pairs.every(([key, same]) => same && isAlike(key, same) && isOrderedAlike(key, same)) ||
    pairs.every(([key, same]) => same && isAlike(key, same) && isOrderedReverse(key, same))
  );
}

function isAlike(one: IndexKey, other: IndexKey): boolean {
  return (
    one.expression === other.expression &&
    one.operatorClass === other.operatorClass &&
    one.collation === other.collation
  );
}

function isOrderedAlike(one: IndexKey, other: IndexKey): boolean {
  return one.isDescending === other.isDescending && one.areNullsFirst === other.areNullsFirst;
}

function isOrderedReverse(one: IndexKey, other: IndexKey): boolean {
  return one.isDescending !== other.isDescending && one.areNullsFirst !== other.areNullsFirst;
}
