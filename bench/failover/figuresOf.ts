import { median } from "../median.ts";
import type { Failover } from "./failoverOf.ts";

const KEYS = ["failedReads", "failedWrites", "gapMs", "firstAnswerMs", "longestWriteMs"] as const;
type Key = (typeof KEYS)[number];

/** A client's rounds: of each figure the one in the middle, and under `ranges` the least and the most. */
export function figuresOf(failovers: readonly Failover[]) {
  const values = (key: Key) => failovers.map((failover) => failover[key]);
  const of = <T>(make: (key: Key) => T) => Object.fromEntries(KEYS.map((key) => [key, make(key)])) as Record<Key, T>;
  return {
    ...of((key) => median(values(key))),
    ranges: of((key) => [Math.min(...values(key)), Math.max(...values(key))] as const),
  };
}
