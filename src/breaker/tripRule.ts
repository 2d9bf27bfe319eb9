import { MIN_VOLUME, OPEN_AFTER_RUN, OPEN_AT_RATIO } from "./constants.ts";
import type { Counts } from "./outcomeWindow.ts";

/** Why a node was, or should be, opened. `reporters-tripped`: enough isolates opened it, each by its own rule. */
export type TripReason =
  | "failures-in-a-row"
  | "slow-in-a-row"
  | "failure-ratio"
  | "slow-ratio"
  | "failed-while-ramping"
  | "reporters-tripped";

/** What is seen of a node: the window's counts, and the runs up to now. */
export interface Seen extends Readonly<Counts> {
  readonly failedRun: number;
  readonly slowRun: number;
}

/** The reason to open, or undefined. What is excluded counts for nothing. */
export function tripReason({ ok, failed, slow, failedRun, slowRun }: Seen): TripReason | undefined {
  if (failedRun >= OPEN_AFTER_RUN) return "failures-in-a-row";
  if (slowRun >= OPEN_AFTER_RUN) return "slow-in-a-row";
  const volume = volumeOf({ ok, failed, slow });
  if (volume < MIN_VOLUME) return undefined;
  if (failed / volume >= OPEN_AT_RATIO) return "failure-ratio";
  if (slow / volume >= OPEN_AT_RATIO) return "slow-ratio";
  return undefined;
}

/** How many outcomes a share is taken of. */
export function volumeOf({ ok, failed, slow }: Pick<Counts, "ok" | "failed" | "slow">): number {
  return ok + failed + slow;
}
