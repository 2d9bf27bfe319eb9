import { tagBuckets } from "../cache/tagBuckets.ts";
import type { DatabaseState } from "./databaseState.ts";

/** What was loaded before may lack this write: the world is told, and this isolate knows. Answers with what it touched. */
export function tellBump(
  { ledger, bumps }: Pick<DatabaseState, "ledger" | "bumps">,
  id: string,
  tags: readonly string[],
  now: number,
): number[] {
  const buckets = tagBuckets(tags);
  ledger.bump({ id, buckets }, now);
  if (buckets.length > 0) bumps.wrote(id, buckets, now);
  return buckets;
}
