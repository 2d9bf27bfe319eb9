import { lintRedundant } from "../lint/redundant.ts";
import type { Finding } from "./finding.ts";
import { indexEntryOf } from "./indexEntryOf.ts";
import type { IndexFacts } from "./indexFacts.ts";

/**
 * Indexes that another one does all the work of, by the catalogue's own lint. One that is unique, of a constraint, or
 * the replica identity guards something and is none. Of two that are the same, the one stays that guards something, or
 * else the one that is named first.
 */
export function redundantIndexes(indexes: readonly IndexFacts[]): readonly Finding[] {
  const usable = indexes.filter(({ isValid, isPartitioned }) => isValid && !isPartitioned);
  return usable.filter(mayGo).flatMap((index): Finding[] => {
    const cover = usable.find((other) => other !== index && stays(other, index));
    if (cover === undefined) return [];
    const isSame = covers(index, cover);
    return [
      {
        kind: "redundant",
        object: `${index.schema}.${index.name}`,
        sentence: isSame ? `${cover.name} is the same.` : `${cover.name} finds the same rows in the same order.`,
        certainty: "certain",
        numbers: {
          by: cover.definition,
          scans: index.scans,
          bytes: index.bytes,
          coverBytes: cover.bytes,
          restore: index.definition,
        },
        command: `DROP INDEX CONCURRENTLY ${index.qualified};`,
      },
    ];
  });
}

function mayGo({ isUnique, constraint, isReplicaIdentity }: IndexFacts): boolean {
  return !isUnique && constraint === null && !isReplicaIdentity;
}

function stays(cover: IndexFacts, index: IndexFacts): boolean {
  if (!covers(cover, index)) return false;
  const isTwin = mayGo(cover) && covers(index, cover);
  return !isTwin || cover.name < index.name;
}

function covers(cover: IndexFacts, index: IndexFacts): boolean {
  if (cover.schema !== index.schema || cover.table !== index.table) return false;
  const [entry, other] = [index, cover].map(indexEntryOf);
  if (entry === undefined || other === undefined) return false;
  return lintRedundant({ ...entry, isUnique: false }, [{ ...other, name: `${other.name} itself` }], []).length > 0;
}
