import { EXPIRY_JITTER, LONGER_BY, SHORTER_BY } from "./constants.ts";

/** Between these a route's answers may be fresh. Both 0: never. */
export interface LifetimeRange {
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/** One reload of a key, and the copy it replaced. */
export interface Reload {
  /** The lifetime that copy was given, before its expiry was spread. */
  readonly freshMs: number;
  /** Time from that copy's load to this one. */
  readonly heldMs: number;
  /**
   * `same`: the same answer. `changed`: another one, and nobody had said so: somebody may have been shown the old one.
   * `bumped`: another one, and a bump had made the old one stale: the lifetime was not too long.
   */
  readonly found: "same" | "changed" | "bumped";
}

/**
 * How long the next copy is fresh: half as long again after the same answer, half as long after another one that nobody
 * announced, within the route's limits. A key without a reload begins at the floor. The same answer after a short while
 * says little: what was looked at ten times in a second did not hold for ten lifetimes.
 */
export function nextFreshMs(reload: Reload | undefined, range: LifetimeRange): number {
  return withinRange(reload ? learnt(reload) : range.floorMs, range);
}

/**
 * Spreads expiries, so that what was loaded at one time does not expire at one time: ± a tenth as `random` in [0, 1) has
 * it, within the route's limits. At a limit the spread is to one side: half of all copies at the ceiling itself would
 * expire together.
 */
export function spreadFreshMs(freshMs: number, range: LifetimeRange, random: number): number {
  const shortest = withinRange(freshMs * (1 - EXPIRY_JITTER), range);
  const longest = withinRange(freshMs * (1 + EXPIRY_JITTER), range);
  return shortest + (longest - shortest) * random;
}

function learnt({ freshMs, heldMs, found }: Reload): number {
  switch (found) {
    case "same":
      return Math.max(freshMs, Math.min(freshMs, heldMs) * LONGER_BY);
    case "changed":
      return freshMs / SHORTER_BY;
    case "bumped":
      return freshMs;
    default:
      return found satisfies never;
  }
}

/** The ceiling holds where the limits contradict each other. */
function withinRange(ms: number, { floorMs, ceilingMs }: LifetimeRange): number {
  return Math.min(ceilingMs, Math.max(floorMs, ms));
}
