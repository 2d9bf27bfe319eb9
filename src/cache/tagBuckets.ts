import { TAG_BUCKETS } from "../rpc/constants.ts";
import { fnv1a } from "./fnv1a.ts";

/** The buckets that these tags fall into, each once. Two tags in one bucket cost a needless refresh, never a stale answer. */
export function tagBuckets(tags: readonly string[]): number[] {
  return [...new Set(tags.map((tag) => fnv1a(tag) % TAG_BUCKETS))];
}
