import type { Finding } from "./finding.ts";
import type { IndexFacts } from "./indexFacts.ts";

/**
 * Leftovers of builds that failed. An invalid index whose build still runs is none, however it looks; nor is the parent
 * of a partitioned one, which waits for its parts.
 */
export function invalidIndexes(indexes: readonly IndexFacts[]): readonly Finding[] {
  return indexes
    .filter(({ isValid, isPartitioned, builderPid }) => !isValid && !isPartitioned && builderPid === null)
    .map((index) => ({
      kind: "invalid",
      object: `${index.schema}.${index.name}`,
      sentence: whatItDoes(index),
      certainty: "certain",
      numbers: { isReady: index.isReady, isUnique: index.isUnique, bytes: index.bytes, definition: index.definition },
      command: `DROP INDEX CONCURRENTLY ${index.qualified};`,
    }));
}

function whatItDoes({ isReady, isUnique }: IndexFacts): string {
  if (!isReady) return "A build of it failed: nothing reads it, nothing writes it, its name is taken.";
  const cost = "A build of it failed at the end: every write still pays for it, and no read uses it";
  return isUnique ? `${cost}; it also rejects duplicates.` : `${cost}.`;
}
