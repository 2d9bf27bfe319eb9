import { ALARM_GRACE_MS, LEASE_MS, VISITORS_TURN_MS } from "./constants.ts";
import { leftMs } from "./leftMs.ts";
import { type Evident, evidentOf, isHeld } from "./phase.ts";
import { placeFreeAt } from "./worldLeases.ts";
import type { WorldNode } from "./worldNode.ts";

/** When the owner's alarm has something to do for the node; undefined: nothing. */
export function ringAt(node: WorldNode, now: number): number | undefined {
  const evident = evidentOf(node.phase);
  return earlier(holdEndsAt(node, now), evident && evidenceAt(node, evident, now));
}

/** When the hold on the node ends: an alarm's work also while nobody is there. */
export function holdEndsAt({ phase }: WorldNode, now: number): number | undefined {
  return isHeld(phase) ? now + leftMs(phase, now) : undefined;
}

/** A probe that proved nothing, because nobody could ask, is not tried again at once: that would go on without end. */
export function mayAskAgainAt({ unprovenAt }: WorldNode, now: number): number {
  return Math.min(unprovenAt, now + VISITORS_TURN_MS) + LEASE_MS;
}

/** Once visitors had their chance, and no probe is under way; and when the ramp is over, which needs nobody. */
function evidenceAt(node: WorldNode, evident: Evident, now: number): number | undefined {
  switch (evident.state) {
    case "closed":
      return undefined;
    case "open":
      return (leftMs(evident, now) > 0 ? evident.until : Math.min(evident.until, now)) + ALARM_GRACE_MS;
    case "half-open": {
      const ends = node.leasesOfPhase(now).map(({ expiresAt }) => expiresAt);
      return ends.length > 0
        ? Math.max(...ends) // the alarm asks where nobody does
        : Math.max(placeFreeAt(node, now), Math.min(evident.since, now) + ALARM_GRACE_MS, mayAskAgainAt(node, now));
    }
    case "ramping":
      return now + leftMs(evident, now);
    default:
      return evident satisfies never;
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
