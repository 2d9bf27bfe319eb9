import { MAX_WARM_LAG_MS, MAX_WARM_LOAD } from "./constants.ts";
import type { DatabaseFacts } from "./warmFacts.ts";

/** What forbids a warming run to touch the database at all. */
export function obstacleOf({
  isOpen,
  isAsleep,
  lagMs,
  load,
}: DatabaseFacts): "breaker" | "asleep" | "lag" | "busy" | undefined {
  if (isOpen) return "breaker";
  if (isAsleep) return "asleep";
  if (lagMs !== null && lagMs > MAX_WARM_LAG_MS) return "lag";
  return load > MAX_WARM_LOAD ? "busy" : undefined;
}
