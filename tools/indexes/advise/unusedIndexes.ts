import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { UNUSED_WINDOW_MS } from "./constants.ts";
import type { Finding } from "./finding.ts";
import type { IndexFacts } from "./indexFacts.ts";
import type { NodeCounters } from "./nodeCounters.ts";
import { spanText } from "./spanText.ts";

/**
 * Indexes that no node has read in the window. Never one that guards something or that the server itself needs: unique,
 * of a constraint, for a foreign key, the replica identity. A window that no month's end fits in, or counters of a
 * primary alone, make it a question rather than an answer, and the finding says so.
 */
export function unusedIndexes(
  indexes: readonly IndexFacts[],
  nodes: readonly NodeCounters[],
  options: {
    readonly nowMs: number;
    readonly hasReplicas: boolean;
    readonly entries: readonly IndexEntry[];
    /** By name, as far as it is known. */
    readonly builtMs: ReadonlyMap<string, number>;
  },
): readonly Finding[] {
  const { nowMs, hasReplicas, entries, builtMs } = options;
  const countedMs = Math.max(...nodes.map(({ sinceMs }) => sinceMs));
  return indexes.filter(mayGo).flatMap((index): Finding[] => {
    const name = `${index.schema}.${index.name}`;
    const scans = nodes.reduce((sum, node) => sum + (node.scans.get(name) ?? 0), 0);
    if (scans > 0) return [];
    const sinceMs = Math.max(countedMs, builtMs.get(index.name) ?? 0);
    const windowMs = Math.max(0, nowMs - sinceMs);
    const isLong = windowMs >= UNUSED_WINDOW_MS;
    const doubts = [
      ...(isLong ? [] : ["that window is too short for a job of each month"]),
      ...(hasReplicas ? [] : ["no replica was asked (--replica-url), and reads may use it there"]),
    ];
    const sentence = `No node has read it in ${spanText(windowMs)}${doubts.length === 0 ? "." : `; but ${doubts.join(", and ")}.`}`;
    return [
      {
        kind: "unused",
        object: name,
        sentence,
        certainty: doubts.length === 0 ? "measured" : "unproven",
        numbers: {
          scans,
          nodes: nodes.length,
          windowDays: Math.round((windowMs / 86_400_000) * 100) / 100,
          bytes: index.bytes,
          countedSince: new Date(sinceMs).toISOString(),
          ...inCatalogue(index, entries),
          restore: index.definition,
        },
        command: `DROP INDEX CONCURRENTLY ${index.qualified};`,
      },
    ];
  });
}

/** What the catalogue has it for, and when it is to go: the next deploy would build it again. */
function inCatalogue({ schema, name }: IndexFacts, entries: readonly IndexEntry[]): { readonly catalogue?: string } {
  const entry = entries.find((each) => each.name === name && each.verdict.kind !== "rejected");
  if (schema !== "public" || entry === undefined) return {};
  return { catalogue: `for ${entry.queries.join(", ")}; it goes when ${entry.dropRule}; deploy would build it again` };
}

function mayGo(index: IndexFacts): boolean {
  return (
    index.isValid &&
    !index.isUnique &&
    index.constraint === null &&
    index.foreignKey === null &&
    !index.isReplicaIdentity &&
    !index.isPartitioned
  );
}
