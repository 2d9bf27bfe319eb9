import type { BtreeFacts } from "./btreeFacts.ts";
import { BLOATED_BYTES, BLOATED_SHARE } from "./constants.ts";
import { estimatedPages } from "./estimatedPages.ts";
import type { Finding } from "./finding.ts";

/** Btrees that are mostly air: by their own pages where pgstattuple tells, else by the usual estimate. */
export function bloatedIndexes(
  btrees: readonly BtreeFacts[],
  { leastBytes = BLOATED_BYTES }: { readonly leastBytes?: number } = {},
): readonly Finding[] {
  return btrees.flatMap((btree): Finding[] => {
    const { schema, name, qualified, pages, pageBytes, fillFactor, leafFreeShare, isKnown, rows } = btree;
    if (leafFreeShare === null && !isKnown) return [];
    const needed = leafFreeShare === null ? estimatedPages(btree) : pages * ((1 - leafFreeShare) / (fillFactor / 100));
    const share = Math.max(0, 1 - needed / pages);
    const bytes = Math.round(share * pages * pageBytes);
    if (share < BLOATED_SHARE || bytes < leastBytes) return [];
    const by = leafFreeShare === null ? "by the usual estimate" : "by pgstattuple";
    return [
      {
        kind: "bloated",
        object: `${schema}.${name}`,
        sentence: `${Math.round(share * 100)} % of it is air, ${by}; a rebuild needs the room of a new one meanwhile.`,
        certainty: leafFreeShare === null ? "estimated" : "measured",
        numbers: { pages, neededPages: Math.round(needed), bloatShare: Math.round(share * 1_000) / 1_000, bytes, rows },
        command: `REINDEX INDEX CONCURRENTLY ${qualified};`,
      },
    ];
  });
}
