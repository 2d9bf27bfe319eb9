import { LONGEST_RUN, MIN_VOLUME, OPEN_AFTER_RUN, OPEN_AT_RATIO, RUN_BY_CHANCE } from "./constants.ts";
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
  /** Of the counts, those since it last said anything: what came before tells how the node usually is. */
  readonly since: number;
}

/** The reason to open, or undefined. What is excluded counts for nothing. */
export function tripReason({ ok, failed, slow, failedRun, slowRun, since }: Seen): TripReason | undefined {
  const volume = volumeOf({ ok, failed, slow });
  const opens = (run: number) => run >= OPEN_AFTER_RUN && run >= runToOpen(volume - since, failed + slow - since);
  if (opens(failedRun)) return "failures-in-a-row";
  if (opens(slowRun)) return "slow-in-a-row";
  if (volume < MIN_VOLUME) return undefined;
  if (failed / volume >= OPEN_AT_RATIO) return "failure-ratio";
  if (slow / volume >= OPEN_AT_RATIO) return "slow-ratio";
  return undefined;
}

/**
 * How long a run must be, after so many outcomes of which so many were bad: so long that a node which goes on as before
 * makes one seldom. Of a node that was well any is.
 */
function runToOpen(volume: number, bad: number): number {
  const share = Math.max(0, bad) / Math.max(MIN_VOLUME, volume);
  return Math.min(LONGEST_RUN, Math.log(RUN_BY_CHANCE) / Math.log(Math.min(share, 0.9)));
}

/**
 * Whether a node that ramps up has failed: more of what it was sent since then was bad than good. The first failure
 * of all is that; a node that fails now and then is let in again all the same, since it did before.
 */
export function hasFailedRamp({ ok, failed, slow }: Pick<Counts, "ok" | "failed" | "slow">): boolean {
  return failed + slow > ok;
}

/** How many outcomes a share is taken of. */
export function volumeOf({ ok, failed, slow }: Pick<Counts, "ok" | "failed" | "slow">): number {
  return ok + failed + slow;
}
