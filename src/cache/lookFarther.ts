import type { CacheEntry } from "./entry.ts";
import { replaces } from "./replaces.ts";
import type { Tier, TierName, TierRead } from "./tiers/tier.ts";

/** What a tier was asked and said, for `Cache-Status` and the ledger. */
export interface Seen {
  readonly tier: TierName;
  readonly said: TierRead["kind"];
}

/** What was found beyond the isolate's memory. */
export interface Farther {
  readonly best: CacheEntry | undefined;
  readonly from: TierName | undefined;
  readonly seen: readonly Seen[];
}

/**
 * Asks the tiers one after the other, from the nearest, until a copy is good enough; the best of those that were found,
 * `known` included. A tier that fails is a miss of that tier; one in trouble is asked too, since it knows itself when it
 * leaves its store alone, answers at once then, and would else never be found to be well again. What may not be shown
 * takes no other copy's place.
 */
export async function lookFarther(
  key: string,
  tiers: readonly Tier[],
  known: CacheEntry | undefined,
  isEnough: (entry: CacheEntry) => boolean,
  now: () => number,
  mayShow: (entry: CacheEntry) => boolean = () => true,
): Promise<Farther> {
  let best = known;
  let from: TierName | undefined;
  const seen: Seen[] = [];
  for (const tier of tiers) {
    const read = await tier.get(key, now());
    seen.push({ tier: tier.name, said: read.kind });
    if (read.kind !== "found" || !mayShow(read.entry) || (best && !replaces(read.entry, best, now()))) continue;
    best = read.entry;
    from = tier.name;
    if (isEnough(best)) break;
  }
  return { best, from, seen };
}
